/** A whole daemon for tests: real site, journal and threads, and plugins that write down what they get. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Daemon } from "../../src/daemon/daemon.ts";
import { startDaemon } from "../../src/daemon/start.ts";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { openTestSandbox, studio, TestLog, until } from "./rig.ts";

export const CHANGE = { event_type: "Shotgun_Task_Change", attribute_name: "sg_status_list" };
export const OTHER = { event_type: "Shotgun_Shot_Change", attribute_name: "code" };

export async function daemonWith(plugins: Record<string, string>, options: object = {}, given?: Sandbox) {
  const sandbox = given ?? (await openTestSandbox());
  const { folder, config } = await studio(sandbox, plugins, options);
  const log = new TestLog();
  const daemon = await start(config, log);
  await untilFollowing(daemon);
  return { sandbox, folder, config, log, daemon };
}

export async function start(
  config: Awaited<ReturnType<typeof studio>>["config"],
  log: TestLog,
): Promise<Daemon> {
  const daemon = await startDaemon({ config, log });
  onTestFinished(() => daemon.stop());
  return daemon;
}

/** The site has been asked, so later events are new; and no plugin is still loading. */
export function untilFollowing(daemon: Daemon): Promise<void> {
  return until(() => {
    const { site, plugins } = daemon.status();
    return site.state === "connected" && plugins.every(({ activity }) => activity !== "loading");
  });
}

export function lane(daemon: Daemon, name: string) {
  return daemon.status().plugins.find((plugin) => plugin.name === name)!;
}

/** A plugin that writes down what it gets. */
export function recorder(file: string, matchEvents = "null", before = ""): string {
  return `import { appendFileSync } from "node:fs";
import type { Registrar } from "callsheet";
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("s", "k", async (_sg, _logger, event) => {
    ${before}
    appendFileSync(new URL("../notes", import.meta.url), JSON.stringify({ file: "${file}", ...event, created: event.created_at instanceof Date }) + "\\n");
  }, ${matchEvents});
}`.replace(/: Registrar/g, file === "tasks" && matchEvents.includes("'") ? "" : ": Registrar");
}

/** Callbacks a, b and c; b throws in line 8 when told to. */
export function twoCallbacks(throws: boolean, stopOnError = true): string {
  return `import { appendFileSync } from "node:fs";
import type { Registrar, Event } from "callsheet";
const note = (file: string, event: Event) =>
  appendFileSync(new URL("../notes", import.meta.url), JSON.stringify({ file, id: event.id, redelivered: event.redelivered }) + "\\n");
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("s", "k", function a(_sg, _logger, event) { note("a", event); });
  reg.registerCallback("s", "k", function b(_sg, _logger, event) {
    if (${throws}) throw new Error("b is broken");
    note("b", event);
  }, null, null, ${stopOnError});
  reg.registerCallback("s", "k", function c(_sg, _logger, event) { note("c", event); });
}`;
}

/** A plugin that writes down that it is called, and throws once the file `go` is there. */
export function failing(file: string, stopOnError = true): string {
  return `import { appendFileSync, existsSync } from "node:fs";
import type { Registrar } from "callsheet";
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("s", "k", async (_sg, _logger, event) => {
    appendFileSync(new URL("../notes", import.meta.url), JSON.stringify({ file: "${file}", id: event.id, redelivered: event.redelivered }) + "\\n");
    while (!existsSync(new URL("../go", import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 10));
    throw new Error("it is broken");
  }, null, null, ${stopOnError});
}`;
}

export interface Note {
  file: string;
  id: number;
  redelivered: boolean;
  [more: string]: unknown;
}

export function allNotes(folder: string): Note[] {
  const file = join(folder, "notes");
  if (!existsSync(file)) appendFileSync(file, "");
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Note);
}

export function notes(folder: string, file: string): Note[] {
  return allNotes(folder).filter((note) => note.file === file);
}

export function ids(folder: string, file: string): number[] {
  return notes(folder, file).map(({ id }) => id);
}
