/** Real parts for tests of the daemon: a sandbox site, a temporary folder, a journal in it, and a log that can be asked. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { Shotgun } from "../../src/client/shotgun.ts";
import type { Config } from "../../src/config-file.ts";
import { loadConfig } from "../../src/config-file.ts";
import { siteLog } from "../../src/daemon/site-log.ts";
import type { WireEvent } from "../../src/event.ts";
import type { Journal } from "../../src/journal/journal.ts";
import type { Log, LogFields } from "../../src/log/log.ts";
import type { LogLevel } from "../../src/plugin.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";

export async function openTestSandbox(): Promise<Sandbox> {
  const sandbox = await openSandbox();
  onTestFinished(() => sandbox.close());
  return sandbox;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** The site's log as the daemon asks for it. */
export function logOf(sandbox: Sandbox) {
  const { url, scriptName, scriptKey } = sandbox;
  const site = new Shotgun(url, { scriptName, scriptKey, dates: "string", timeoutMs: 5000 });
  onTestFinished(() => site.close());
  return siteLog(site);
}

export interface LogLine extends LogFields {
  level: LogLevel;
  name: string;
  message: string;
}

/** Keeps its lines. */
export class TestLog implements Log {
  readonly lines: LogLine[];
  readonly #name: string;

  constructor(name = "", lines: LogLine[] = []) {
    this.#name = name;
    this.lines = lines;
  }

  at(level: LogLevel, message: string, fields: LogFields = {}): void {
    this.lines.push({ ...fields, level, name: this.#name, message });
  }

  debug = (message: string, fields?: LogFields) => this.at("debug", message, fields);
  info = (message: string, fields?: LogFields) => this.at("info", message, fields);
  warn = (message: string, fields?: LogFields) => this.at("warn", message, fields);
  error = (message: string, fields?: LogFields) => this.at("error", message, fields);
  critical = (message: string, fields?: LogFields) => this.at("critical", message, fields);

  named(name: string): Log {
    return new TestLog(name, this.lines);
  }

  /** The first line whose message holds this text, once there is one. */
  async line(text: string | RegExp): Promise<LogLine> {
    const found = () =>
      this.lines.find(({ message }) =>
        typeof text === "string" ? message.includes(text) : text.test(message),
      );
    await until(
      () => found() !== undefined,
      () =>
        `no log line with ${text}; there are:\n${this.lines.map(({ level, message }) => `${level} ${message}`).join("\n")}`,
    );
    return found()!;
  }
}

/** Polls a condition. @throws Error with `what()` after `limitMs` */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: () => string = () => "the condition did not come true",
  limitMs = 20_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(what());
    await wait(5);
  }
}

/** Every event of the journal, in order. */
export async function journaled(journal: Journal): Promise<WireEvent[]> {
  const events: WireEvent[] = [];
  let after = 0;
  for (;;) {
    const { entries, bytes } = await journal.read(after, 500);
    if (entries.length === 0) return events;
    for (const { seq, start, end } of entries) {
      events.push(JSON.parse(Buffer.from(bytes.slice(start, end)).toString()) as WireEvent);
      after = seq;
    }
  }
}

export const idsOf = (events: readonly { id: number }[]) => events.map(({ id }) => id);

/** A studio folder: configuration, plugins by file name. */
export async function studio(
  sandbox: Sandbox,
  plugins: Record<string, string>,
  config: object = {},
  folder = temporaryFolder(),
): Promise<{ folder: string; config: Config }> {
  mkdirSync(join(folder, "plugins"), { recursive: true });
  for (const [name, source] of Object.entries(plugins)) writeFileSync(join(folder, "plugins", name), source);
  const { url, scriptName, scriptKey } = sandbox;
  const file = join(folder, "callsheet.config.json");
  const basics = {
    site: { url, scriptName, scriptKey },
    fetchInterval: "20ms",
    reloadInterval: "30ms",
    shutdownTimeout: "5s",
  };
  writeFileSync(file, JSON.stringify({ ...basics, ...config }));
  return { folder, config: await loadConfig(file, { cwd: folder, env: process.env }) };
}
