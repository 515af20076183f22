/** A studio at work: a site, its folder of Python plugins under the real daemon, and what was logged. */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Shotgun } from "../../../src/client/shotgun.ts";
import { loadConfig } from "../../../src/config-file.ts";
import type { Daemon } from "../../../src/daemon/daemon.ts";
import { startDaemon } from "../../../src/daemon/start.ts";
import { openSandbox, type Sandbox } from "../../../src/sandbox/open.ts";
import { TestLog, until } from "../../daemon/rig.ts";

export const PLUGINS = join(import.meta.dirname, "plugins");
/** What lies beside the daemon's script. */
export const DAEMON_FOLDER = join(import.meta.dirname, "daemon_folder");

/** Two dozen interpreters begin at once, perhaps on a machine that has other things to do. */
export const LONG_MS = 120_000;

export interface Studio {
  sandbox: Sandbox;
  site: Shotgun;
  daemon: Daemon;
  log: TestLog;
  /** Where plugins write files. */
  shots: string;
  /** What was posted to the chat. */
  posted: unknown[];
  /** Resolves when every event of the site has been through every plugin, with those that the plugins made. */
  quiet(): Promise<void>;
  /** What a plugin logged: `callback level message`. */
  lines(plugin: string): string[];
  close(): Promise<void>;
}

/** @param options for the daemon, beside those that a studio needs */
export async function openStudio(plugins = PLUGINS, options: Record<string, unknown> = {}): Promise<Studio> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "callsheet-studio-")));
  const shots = join(folder, "shots");
  mkdirSync(shots);
  cpSync(plugins, join(folder, "plugins"), { recursive: true });
  const sandbox = await openSite();
  const chat = await openChat();
  Object.assign(process.env, pluginEnvironment(sandbox, shots, chat.url, DAEMON_FOLDER));
  const { url, scriptName, scriptKey } = sandbox;
  const { python, ...others } = options;
  const config = {
    site: { url, scriptName, scriptKey },
    fetchInterval: "20ms",
    reloadInterval: "50ms",
    python: { path: [DAEMON_FOLDER], ...(python as object | undefined) },
    log: { level: "debug" },
    ...others,
  };
  writeFileSync(join(folder, "callsheet.config.json"), JSON.stringify(config));
  const log = new TestLog();
  const daemon = await startDaemon({
    config: await loadConfig(join(folder, "callsheet.config.json"), { cwd: folder, env: process.env }),
    log,
  });
  const site = new Shotgun(url, { scriptName, scriptKey });
  const isLoaded = () => {
    const { site, plugins } = daemon.status();
    const done = plugins.length > 0 && plugins.every(({ activity }) => activity !== "loading");
    return done && site.state === "connected";
  };
  await until(isLoaded, () => "not every plugin is loaded", LONG_MS);
  return {
    sandbox,
    site,
    daemon,
    log,
    shots,
    posted: chat.posted,
    quiet: () =>
      until(
        () => isQuiet(site, daemon),
        () => "the studio is not quiet",
        LONG_MS,
      ),
    lines: (plugin) =>
      log.lines
        .filter(({ name }) => `${name}.`.startsWith(`plugin.${plugin}.`))
        .map(({ name, level, message }) => `${name.slice(`plugin.${plugin}.`.length)} ${level} ${message}`),
    async close() {
      await daemon.stop();
      await site.close();
      await sandbox.close();
      await chat.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

export function openSite(): Promise<Sandbox> {
  return openSandbox({
    scripts: [
      { name: "events", key: "events-key" },
      { name: "propagator", key: "propagator-key" },
      { name: "hard_coded", key: "hard-coded-key" },
    ],
  });
}

/** What the plugins look for in the environment. */
export function pluginEnvironment({ url }: Sandbox, shots: string, chat: string, daemonFolder: string) {
  return {
    SG_EVENTS_SITE: url,
    SG_EVENTS_NAME: "events",
    SG_EVENTS_KEY: "events-key",
    SGDAEMON_PROPAGATE_NAME: "propagator",
    SGDAEMON_PROPAGATE_KEY: "propagator-key",
    SHOTS_ROOT: shots,
    CHAT_URL: chat,
    DAEMON_FOLDER: daemonFolder,
    FACILITY: "paris",
  };
}

async function isQuiet(site: Shotgun, daemon: Daemon): Promise<boolean> {
  const order = [{ field_name: "id", direction: "desc" as const }];
  const last = await site.findOne("EventLogEntry", [], ["id"], { order });
  const { reader, plugins } = daemon.status();
  const done = plugins.every(
    ({ backlog, failure, loadError }) => backlog === 0 || failure !== null || loadError !== null,
  );
  return reader.position >= (last?.id ?? 0) && reader.gaps.length === 0 && done;
}

/** A server that takes notes for a chat. */
export async function openChat() {
  const posted: unknown[] = [];
  const server = createServer(async (request, reply) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    posted.push(JSON.parse(text));
    reply.end("ok");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    posted,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    close: () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
