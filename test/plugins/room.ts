/** A temporary plugin folder and real hosts, with everything a listener hears kept for the test to look at. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, parse } from "node:path";
import type { Transport } from "../../src/client/transport.ts";
import type {
  CallbackFailure,
  Host,
  HostExit,
  HostStarter,
  PluginFile,
  PluginLogLine,
  Run,
  RunItem,
  Verdict,
} from "../../src/daemon/host.ts";
import type { WireEvent } from "../../src/event.ts";
import type { LaneStep } from "../../src/journal/journal.ts";
import { readSlot } from "../../src/journal/slot.ts";
import type { PluginLoadError } from "../../src/plugins/load.ts";
import { openThreadHosts, type ThreadHostsOptions } from "../../src/plugins/thread/hosts.ts";

export const noTransport: Transport = {
  send: () => Promise.reject(new Error("no request was expected")),
  close: async () => {},
};

/** Hosts of any kind, in the form in which a room needs them. */
export interface RoomHosts {
  start: HostStarter;
  close(): Promise<void>;
}

export class Room {
  readonly folder: string;
  readonly hosts: RoomHosts;
  readonly slotFile: string;
  /** Whether its hosts have no slot, but tell each step. */
  asks = false;
  readonly steps: LaneStep[] = [];
  readonly #language: PluginFile["language"];

  private constructor(folder: string, language: PluginFile["language"], hosts: RoomHosts) {
    this.folder = folder;
    this.slotFile = join(folder, "slot");
    this.hosts = hosts;
    this.#language = language;
  }

  /** A room with threads. */
  static open(options: Partial<ThreadHostsOptions> = {}): Promise<Room> {
    const hosts = openThreadHosts({
      siteUrl: "https://studio.example",
      transport: noTransport,
      siteTimeoutMs: 5000,
      memoryLimitBytes: 512e6,
      loadTimeoutMs: 30_000,
      useSessionUuid: true,
      logLevel: "debug",
      ...options,
    });
    return Room.around("typescript", hosts);
  }

  static async around(language: PluginFile["language"], hosts: RoomHosts): Promise<Room> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "callsheet-plugins-")));
    await writeFile(join(folder, "slot"), "");
    return new Room(folder, language, hosts);
  }

  /** Writes a file below the room's folder. @returns its path */
  async write(name: string, content: string): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  /** Writes a plugin and loads it. */
  async load(
    name: string,
    content: string,
    watched: Heard = new Heard(),
  ): Promise<{ host: Host; heard: Heard }> {
    const host = await this.start(await this.write(name, content), watched);
    return { host, heard: watched };
  }

  start(
    path: string,
    heard = new Heard(),
    signal = new AbortController().signal,
    slotFile = this.slotFile,
  ): Promise<Host> {
    const plugin: PluginFile = { path, name: parse(path).name, language: this.#language, folder: 0 };
    const request = { plugin, listener: heard, signal };
    if (!this.asks) return this.hosts.start({ ...request, slot: { file: slotFile, epoch: 1 } });
    const step = async (step: LaneStep) => {
      this.steps.push(step);
      return null;
    };
    return this.hosts.start({ ...request, slot: null, step });
  }

  /** The error with which a plugin does not load. */
  async loadError(name: string, content: string): Promise<PluginLoadError> {
    try {
      await this.load(name, content);
    } catch (error) {
      return error as PluginLoadError;
    }
    throw new Error(`${name} was loaded`);
  }

  /** How far the last host was, as it wrote it or told it. */
  get slot() {
    if (!this.asks) return readSlot(this.slotFile).record;
    const last = this.steps.at(-1);
    return last ? { epoch: 1, counter: this.steps.length, ...last } : null;
  }

  async close(): Promise<void> {
    await this.hosts.close();
    await rm(this.folder, { recursive: true });
  }
}

type Note =
  | { what: "progress"; seq: number; calls: number; busyMs: number }
  | { what: "failed"; failure: CallbackFailure }
  | { what: "log"; line: PluginLogLine }
  | { what: "exited"; exit: HostExit };

/** A listener that remembers. */
export class Heard {
  readonly notes: Note[] = [];
  /** Answers failures; the plugin waits for it. */
  judge: (failure: CallbackFailure) => Verdict | Promise<Verdict> = () => "stop";
  #waiting: (() => void)[] = [];

  progress(report: { seq: number; calls: number; busyMs: number }): void {
    this.#note({ what: "progress", ...report });
  }

  async failed(failure: CallbackFailure): Promise<Verdict> {
    this.#note({ what: "failed", failure });
    return this.judge(failure);
  }

  log(line: PluginLogLine): void {
    this.#note({ what: "log", line });
  }

  exited(exit: HostExit): void {
    this.#note({ what: "exited", exit });
  }

  get lines(): PluginLogLine[] {
    return this.notes.flatMap((note) => (note.what === "log" ? [note.line] : []));
  }

  get messages(): string[] {
    return this.lines.map(({ message }) => message);
  }

  get failures(): CallbackFailure[] {
    return this.notes.flatMap((note) => (note.what === "failed" ? [note.failure] : []));
  }

  get doneSeq(): number {
    return this.notes.reduce((seq, note) => (note.what === "progress" ? note.seq : seq), 0);
  }

  get exits(): HostExit[] {
    return this.notes.flatMap((note) => (note.what === "exited" ? [note.exit] : []));
  }

  async until(condition: (heard: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async untilDone(seq: number): Promise<void> {
    await this.until(({ doneSeq }) => doneSeq >= seq);
  }

  async untilExited(): Promise<HostExit> {
    await this.until(({ exits }) => exits.length > 0);
    return this.exits[0]!;
  }

  #note(note: Note): void {
    this.notes.push(note);
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

export function event(id: number, fields: Partial<WireEvent> = {}): WireEvent {
  return {
    type: "EventLogEntry",
    id,
    event_type: "Shotgun_Task_Change",
    attribute_name: "sg_status_list",
    meta: { type: "attribute_change", new_value: "fin", old_value: "ip" },
    entity: { type: "Task", id: 7, name: "Animation" },
    user: { type: "HumanUser", id: 9, name: "Zoë Ångström" },
    project: { type: "Project", id: 70, name: "Demo" },
    session_uuid: `session-${id}`,
    created_at: "2026-11-01T08:00:00Z",
    ...fields,
  };
}

/** Events `1001`, `1002`, … with seqs `first`, `first + 1`, …, all for the same callbacks. */
export function run(first: number, count: number, item: Partial<RunItem> = {}): Run {
  return runOf(
    Array.from({ length: count }, (_, i) => ({ seq: first + i, event: event(1000 + first + i), ...item })),
  );
}

export function runOf(entries: readonly ({ seq: number; event: WireEvent } & Partial<RunItem>)[]): Run {
  const parts: Buffer[] = [Buffer.from("[")];
  let at = 1;
  const items = entries.map(({ seq, event, callbacks = [0], redelivered = false }) => {
    const text = Buffer.from(JSON.stringify(event));
    parts.push(text, Buffer.from(","));
    const start = at;
    at += text.length + 1;
    return { seq, start, end: start + text.length, callbacks, redelivered };
  });
  return { items, bytes: Buffer.concat(parts) };
}
