/** What needs attention, in words. */
import { expect, it } from "vitest";
import { attentionOf, readinessOf } from "../../../src/daemon/answers/attention.ts";
import type { DaemonStatus } from "../../../src/daemon/status.ts";

it("ends its sentence about a site that is away once, whatever the error ends with", () => {
  const site = {
    state: "unreachable",
    since: "2026-11-27T22:02:20Z",
    lastError: "it refused.",
    lastAnswerAt: null,
  };
  const journal = { bytes: 0, maxBytes: 1 };
  const status = {
    site,
    journal,
    reader: { diskFull: false },
    folderProblems: [],
    alerts: [],
    plugins: [],
  } as unknown as DaemonStatus;
  const reason = "the site cannot be asked since 2026-11-27T22:02:20Z: it refused";
  expect(readinessOf(status).reasons).toEqual([reason]);
  expect(attentionOf(status)).toMatchObject([{ message: `Events do not flow: ${reason}.` }]);
});
