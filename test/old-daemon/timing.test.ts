/** `log.timing`: a line for each call, from both kinds of plugin, through a whole daemon. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startDaemon } from "../../src/daemon/start.ts";
import { openLog } from "../../src/log/open.ts";
import { openTestSandbox, studio, until } from "../daemon/rig.ts";
import { CHANGE, untilFollowing } from "../daemon/whole.ts";
import { Kept } from "../log/fixtures.ts";
import { withoutPython } from "../plugins-python/python.ts";

const TYPESCRIPT = `import type { Registrar } from "callsheet";
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("s", "k", function quick() {});
  reg.registerCallback("s", "k", async function slow(_sg, _logger, event) {
    event.created_at = new Date(0);
    await new Promise((resolve) => setTimeout(resolve, 30));
  });
  reg.registerCallback("s", "k", function wrong() { throw new Error("no"); }, null, null, false);
}
`;

const PYTHON = `
def registerCallbacks(reg):
    reg.registerCallback("s", "k", quick)
    reg.registerCallback("s", "k", wrong, stopOnError=False)

def quick(sg, logger, event, args):
    event.clear()

def wrong(sg, logger, event, args):
    raise ValueError("no")
`;

async function timingOf(plugins: Record<string, string>, timing: boolean, calls: number) {
  const dir = mkdtempSync(join(tmpdir(), "callsheet-timing-"));
  const sandbox = await openTestSandbox();
  const { config } = await studio(sandbox, plugins, { log: { dir, file: "sg", format: "python", timing } });
  const opened = await openLog(config.log, { stdout: new Kept() });
  const daemon = await startDaemon({ config, log: opened.log });
  onTestFinished(async () => {
    await daemon.stop();
    await opened.close();
    rmSync(dir, { recursive: true, force: true });
  });
  await untilFollowing(daemon);
  const { first } = sandbox.site.events.add([CHANGE]);
  await until(() => daemon.status().plugins.every((plugin) => plugin.calls >= calls));
  const lines = () => {
    try {
      return readFileSync(join(dir, "sg.timing"), "utf8").split("\n").slice(0, -1);
    } catch {
      return [];
    }
  };
  if (timing) await until(() => lines().length >= calls);
  return { id: first, lines: lines() };
}

const line = (id: number, callback: string, error: string) =>
  expect.stringMatching(
    new RegExp(
      ` - timing - INFO - event_id=${id} created_at=20\\S+ callback=${callback} start=20\\S+ end=20\\S+ ` +
        `duration=00:00:00:\\d\\d\\.\\d{6} error=${error} delay=-?\\d\\d:\\S+$`,
    ),
  );

test("TypeScript: plain, asynchronous and failing callbacks", async () => {
  const { id, lines } = await timingOf({ "notify.ts": TYPESCRIPT }, true, 3);
  expect(lines).toEqual([
    line(id, "notify\\.quick", "False"),
    line(id, "notify\\.slow", "False"),
    line(id, "notify\\.wrong", "True"),
  ]);
  expect(lines[1]).not.toContain("created_at=1970");
});

test.skipIf(withoutPython)("Python", async () => {
  const { id, lines } = await timingOf({ "notify.py": PYTHON }, true, 2);
  expect(lines).toEqual([line(id, "notify\\.quick", "False"), line(id, "notify\\.wrong", "True")]);
});

test("without it there is no line", async () => {
  expect((await timingOf({ "notify.ts": TYPESCRIPT }, false, 3)).lines).toEqual([]);
});
