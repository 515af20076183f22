/** What studios' tools look for in log files: the Python daemon's words, level, logger and file, from a whole daemon. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startDaemon } from "../../src/daemon/start.ts";
import { openLog } from "../../src/log/open.ts";
import { openTestSandbox, studio, until } from "../daemon/rig.ts";
import { CHANGE, untilFollowing } from "../daemon/whole.ts";
import { Kept } from "../log/fixtures.ts";
import { withoutPython } from "../plugins-python/python.ts";

vi.setConfig({ testTimeout: 300_000 });

const REGISTER = `def registerCallbacks(reg):
    reg.registerCallback("script", "key", on_event, None, None, `;
const FAILS = `
def on_event(sg, logger, event, args):
    raise ValueError("broken at %d" % event["id"])
`;
const PLUGINS = {
  "goes_on.py": `${REGISTER}False)\n${FAILS}`,
  "stops.py": `${REGISTER}True)\n${FAILS}`,
  "no_module.py": "import no_such_module\ndef registerCallbacks(reg): pass\n",
  "no_name.py": 'import os\ndef registerCallbacks(reg):\n    os.environ["NOT_SET_ANYWHERE"]\n',
  "no_callable.py": 'def registerCallbacks(reg):\n    reg.registerCallback("a", "b", "c")\n',
  "helper.py": "X = 1\n",
};

async function running() {
  const dir = mkdtempSync(join(tmpdir(), "callsheet-old-words-"));
  const sandbox = await openTestSandbox();
  const log = { dir, file: "sg", files: "plugin", format: "python" } as const;
  const { config, folder } = await studio(sandbox, PLUGINS, { log, reloadInterval: "100ms" });
  const opened = await openLog(config.log, { stdout: new Kept() });
  const daemon = await startDaemon({ config, log: opened.log });
  onTestFinished(async () => {
    await daemon.stop();
    await opened.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const file = (name: string) => (existsSync(join(dir, name)) ? readFileSync(join(dir, name), "utf8") : "");
  const says = (name: string, text: string) =>
    until(
      () => file(name).includes(text),
      () => `${name} does not say ${text}, but:\n${file(name)}`,
      120_000,
    );
  return { sandbox, daemon, folder: join(folder, "plugins"), file, says };
}

test.skipIf(withoutPython)("a callback that fails, plugins that load and that do not", async () => {
  const { sandbox, daemon, folder, file, says } = await running();
  await untilFollowing(daemon);
  const path = (name: string) => join(folder, `${name}.py`);
  for (const name of ["goes_on", "stops", "no_module", "no_name"])
    await says("sg", ` - engine - INFO - Loading plugin at ${path(name)}\n`);
  const words = "CRITICAL - Error running register callback function from plugin at";
  await says("sg", ` - engine - ${words} ${path("no_name")}.\n\nTraceback (most recent call last):\n`);
  await says("sg", ` - engine - ${words} ${path("no_callable")}.\n\n`);
  await says(
    "sg",
    ` - engine - INFO - Did not find a registerCallbacks function in plugin at ${path("helper")}.\n`,
  );
  const could = ` - plugin.no_module - ERROR - Could not load the plugin at ${path("no_module")}.\n\nTraceback (most`;
  await says("plugin.no_module", could);
  expect(file("sg")).not.toContain("Could not load");

  const { first: id } = sandbox.site.events.add([CHANGE]);
  for (const name of ["goes_on", "stops"]) {
    const line = ` - plugin.${name}.on_event - CRITICAL - An error occured processing an event.\n\nTraceback (most recent`;
    await says(`plugin.${name}`, line);
    expect(file(`plugin.${name}`)).toContain(`ValueError: broken at ${id}\n`);
  }
  writeFileSync(path("stops"), `${REGISTER}True)\ndef on_event(sg, logger, event, args): pass\n`);
  await says("sg", ` - engine - INFO - Reloading plugin at ${path("stops")}\n`);

  await sandbox.close();
  await says("sg", " - engine - WARNING - Unable to connect to SG (attempt 1): ");
  await says("sg", " - engine - ERROR - Unable to connect to SG (attempt 2): ");
});
