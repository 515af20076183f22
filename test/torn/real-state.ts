/** A state folder as a real daemon leaves it that is killed at work: with a replay behind it, an alert, log files and a server. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { Config } from "../../src/config-file.ts";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { readAddress } from "../../src/server/address-file.ts";
import { callsheet } from "../cli/process.ts";
import { openTestSandbox, studio, until } from "../daemon/rig.ts";
import { CHANGE } from "../daemon/whole.ts";

/** Notes what it gets outside of a replay; fails at the last event of the first part, for an alert, and goes on. */
const NOTING = `import { appendFileSync } from "node:fs";
export function registerCallbacks(reg) {
  reg.registerCallback("s", "k", (_sg, _logger, event) => {
    if (event.replay) return;
    appendFileSync(new URL("../notes", import.meta.url), event.id + (event.redelivered ? " redelivered" : "") + "\\\\n");
    if (event.meta?.fail) throw new Error("no");
  }, null, null, false);
}`.replace("\\\\n", "\\n");

export interface RealState {
  config: Config;
  sandbox: Sandbox;
  /** Files of the state folder, relative to it. */
  files: string[];
  /** What the plugin must have got in the end. */
  owed: number[];
  /** Puts state and notes back to where they were after the kill. */
  restore(): void;
  notes(): { id: number; redelivered: boolean }[];
}

const EVENTS = 60;

export async function makeRealState(): Promise<RealState> {
  const sandbox = await openTestSandbox();
  const alerts = { webhooks: [{ url: "http://127.0.0.1:9/nobody" }] };
  const made = { start: "earliest", server: { port: 0 }, alerts, log: { dir: "state/log" } };
  const { folder, config } = await studio(sandbox, { "noting.ts": NOTING }, made);
  const notes = () => notesIn(join(folder, "notes"));
  const { first, last } = sandbox.site.events.add([
    ...Array.from({ length: EVENTS - 1 }, () => CHANGE),
    { ...CHANGE, meta: { fail: true } },
  ]);
  await done("start", "--config", join(folder, "callsheet.config.json"));
  const { pid } = readAddress(config.state)!;
  onTestFinished(() => killed(pid));
  await until(() => notes().length >= EVENTS);
  const state = ["--state", config.state];
  await done("replay", "noting", "--from", String(first), "-r", "x", "-y", ...state);
  await until(() => existsSync(join(config.state, "alerts.json")));
  killed(pid);
  await until(() => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z"));
  const kept = join(folder, "kept");
  mkdirSync(kept);
  cpSync(config.state, join(kept, "state"), { recursive: true });
  cpSync(join(folder, "notes"), join(kept, "notes"));
  const more = sandbox.site.events.add(Array.from({ length: 20 }, () => CHANGE));
  return {
    config,
    sandbox,
    files: filesIn(config.state),
    owed: [...range(first, last), ...range(more.first, more.last)],
    restore() {
      rmSync(config.state, { recursive: true, force: true });
      cpSync(join(kept, "state"), config.state, { recursive: true });
      cpSync(join(kept, "notes"), join(folder, "notes"));
    },
    notes,
  };
}

async function done(...args: string[]): Promise<void> {
  const running = callsheet(args);
  expect((await running.ended).status, running.all).toBe(0);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

function notesIn(file: string): { id: number; redelivered: boolean }[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => ({ id: Number.parseInt(line, 10), redelivered: line.endsWith("redelivered") }));
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function killed(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone already
  }
}
