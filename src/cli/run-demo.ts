/** Starts the parts of the demo one after the other, shows them, and ends them in the opposite order. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as timer } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseConfig } from "../config-file.ts";
import type { Daemon } from "../daemon/daemon.ts";
import { startDaemon } from "../daemon/start.ts";
import { openLog } from "../log/open.ts";
import type { Terminal } from "../log/outlets.ts";
import { startArtists } from "../sandbox/artists.ts";
import { openSandbox, type Sandbox } from "../sandbox/open.ts";
import type { DemoOptions } from "./demo.ts";
import { demoScreen } from "./demo-screen.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/plugins", import.meta.url));
const SUMMARY_EVERY_MS = 5000;

/**
 * Runs until `stop` aborts.
 * @param ends `remains` gets what is still to be done where there is no time to end it in order
 * @throws {CallsheetError} what made the daemon give up
 */
export async function runDemo(
  options: DemoOptions,
  stdout: Terminal,
  { stop, remains }: { stop: AbortSignal; remains: DisposableStack },
): Promise<void> {
  const screen = demoScreen(stdout);
  await using ending = new AsyncDisposableStack();

  const folder = mkdtempSync(join(tmpdir(), "callsheet-demo-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  ending.defer(remove);
  remains.defer(remove);
  const sandbox = ending.use(await openSandbox({ studio: "small" }));
  const plugins = options.plugins === undefined ? EXAMPLES : resolve(options.plugins);
  screen.opening(sandbox, options.artists, plugins);

  const opened = await openLog(
    { level: "info", files: "one", format: "pretty", redact: [sandbox.scriptKey] },
    { stdout },
  );
  ending.defer(() => opened.close());
  const daemon = await startDaemon({ config: demoConfig(sandbox, plugins, folder), log: opened.log });
  ending.defer(() => daemon.stop());
  await Promise.race([untilReady(daemon, stop), daemon.finished]);
  screen.plugins(daemon.status().plugins, daemon.url);

  if (options.artists > 0) {
    const artists = startArtists(sandbox, { count: options.artists, events: sandbox.site.events });
    ending.defer(() => artists.stop());
  }
  await Promise.race([summaries(daemon, screen.summary, stop), daemon.finished]);
  screen.closing(daemon.status());
}

function demoConfig(sandbox: Sandbox, plugins: string, folder: string) {
  const { url, scriptName, scriptKey } = sandbox;
  // The example plugins log in with these, as plugins of a studio do.
  Object.assign(process.env, { SCRIPT_NAME: scriptName, SCRIPT_KEY: scriptKey });
  const config = {
    site: { url, scriptName, scriptKey },
    plugins: [plugins],
    state: "state",
    fetchInterval: "500ms",
    reloadInterval: "500ms",
    shutdownTimeout: "1s",
  };
  return parseConfig(config, join(folder, "demo"), process.env);
}

/** The reader knows the site's newest event, and every plugin has loaded or failed to. */
async function untilReady(daemon: Daemon, stop: AbortSignal): Promise<void> {
  const ready = () => {
    const { plugins, site } = daemon.status();
    return site.state === "connected" && plugins.every(({ activity }) => activity !== "loading");
  };
  while (!stop.aborted && !ready()) await timer(20);
}

async function summaries(
  daemon: Daemon,
  show: (status: ReturnType<Daemon["status"]>) => void,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    await timer(SUMMARY_EVERY_MS, undefined, { signal: stop }).catch(() => {});
    if (!stop.aborted) show(daemon.status());
  }
}
