/** What needs attention, in words. */
import { expect, it } from "vitest";
import { attentionOf, readinessOf } from "../../../src/daemon/answers/attention.ts";
import type { DaemonStatus } from "../../../src/daemon/status.ts";

/** Of a daemon with which all is well. */
const quiet = {
  site: { state: "connected", since: null, lastError: null, lastAnswerAt: null },
  journal: { bytes: 0, maxBytes: 1 },
  reader: { diskFull: false },
  ...{ folderProblems: [], alerts: [], plugins: [] },
};

it("tells of a plugin that hosts of a cluster run from different folders, so that each has every event", () => {
  const lane = (path: string, host: string | null) => ({
    ...{ id: path, name: "notify", path, host, activity: "running", backlog: 0 },
    ...{ paused: null, failure: null, loadError: null, retrying: null, inHand: null },
  });
  const told = (...plugins: object[]) => attentionOf({ ...quiet, plugins } as unknown as DaemonStatus);
  const here = lane("/mnt/plugins/notify.ts", "ada");
  expect(told(here, lane("/srv/plugins/notify.ts", "bob"))).toMatchObject([
    {
      severity: "warn",
      message: expect.stringContaining("/mnt/plugins/notify.ts (on ada), /srv/plugins/notify.ts (on bob)"),
    },
  ]);
  expect(told(here, { ...lane("/x/notify.ts", "bob"), name: "x.notify" })).toEqual([]);
});

it("tells of hosts that have other files of a plugin than the host that runs it", () => {
  const sha256 = "1a2b3c4d";
  const plugin = {
    ...{ id: "one", name: "one", path: "/p/one.ts", host: "ada", activity: "running", backlog: 0 },
    ...{ paused: null, failure: null, loadError: null, retrying: null, inHand: null },
  };
  const told = (others: object[]) => {
    const files = { ran: { host: "ada", sha256, changedAt: null }, others };
    const cluster = {
      host: "ada",
      reader: "ada",
      awaySince: null,
      readOnlySince: null,
      plugins: [{ id: "one", waitsFor: null, files }],
    };
    return attentionOf({ ...quiet, plugins: [plugin], cluster } as unknown as DaemonStatus);
  };
  expect(told([])).toEqual([]);
  expect(told([{ host: "bob", sha256: null, changedAt: null }])).toMatchObject([
    {
      ...{ severity: "warn", plugin: "one" },
      message:
        "Hosts that have other files of one do not take it over: ada ran it with sha 1a2b3c; bob has no such file.",
    },
  ]);
});

it("ends its sentence about a site that is away once, whatever the error ends with", () => {
  const site = {
    state: "unreachable",
    since: "2026-11-27T22:02:20Z",
    lastError: "it refused.",
    lastAnswerAt: null,
  };
  const status = { ...quiet, site } as unknown as DaemonStatus;
  const reason = "the site cannot be asked since 2026-11-27T22:02:20Z: it refused";
  expect(readinessOf(status).reasons).toEqual([reason]);
  expect(attentionOf(status)).toMatchObject([{ message: `Events do not flow: ${reason}.` }]);
});
