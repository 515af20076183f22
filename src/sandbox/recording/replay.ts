/** Does again what a recording tells, at its pace. Rows that it created have new ids: later steps follow them. */
import { setTimeout as pause } from "node:timers/promises";
import type { Site } from "../site.ts";
import { readRecording, type Step } from "./file.ts";

export interface Replay {
  /** Steps done so far, and how many there are. */
  readonly done: number;
  readonly total: number;
  /** Steps that the site refused, for example since it began with other rows. */
  readonly refused: number;
  /** Resolves at the end of the day, or when it is stopped. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface ReplayOptions {
  /** 1 (default): as it was; 10: ten times as fast; Infinity: without pauses. */
  speed?: number;
}

/**
 * Begins at once. The site should begin as the recorded one did, for example as the same studio.
 * @throws CallsheetError USAGE for a file that is no recording
 */
export function startReplay(
  target: { site: Site; scriptName: string; scriptKey: string },
  file: string,
  { speed = 1 }: ReplayOptions = {},
): Replay {
  return new Day(target, readRecording(file), speed);
}

class Day implements Replay {
  done = 0;
  refused = 0;
  readonly total: number;
  readonly ended: Promise<void>;
  readonly #target: { site: Site; scriptName: string; scriptKey: string };
  readonly #end = new AbortController();
  /** `Shot 12` → the id that the row has here. */
  readonly #ids = new Map<string, number>();

  constructor(target: { site: Site; scriptName: string; scriptKey: string }, steps: Step[], speed: number) {
    this.#target = target;
    this.total = steps.length;
    this.ended = this.#run(steps, speed);
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.ended;
  }

  async #run(steps: Step[], speed: number): Promise<void> {
    const { signal } = this.#end;
    const began = performance.now();
    for (const step of steps) {
      const wait = Math.max(0, step.ms / speed - (performance.now() - began));
      // Also without a pause others get their turn.
      await pause(wait, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await this.#do(step);
      this.done += 1;
    }
  }

  async #do({ method, payload, login, result }: Step): Promise<void> {
    const { site, scriptName: script_name, scriptKey: script_key } = this.#target;
    const auth = { script_name, script_key, ...(login !== null && { sudo_as_login: login }) };
    const reply = JSON.parse(await site.callJsonAsync(method, [auth, this.#here(payload)])) as {
      exception?: boolean;
      results?: unknown;
    };
    if (reply.exception) this.refused += 1;
    else if (method === "create" || method === "batch") this.#follow(result, reply.results);
  }

  /** The payload with the ids that its rows have here. */
  #here(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#here(item));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, this.#here(item)]);
    const copy = Object.fromEntries(entries) as Record<string, unknown>;
    const id = this.#ids.get(`${copy.type} ${copy.id}`);
    return id === undefined ? copy : { ...copy, id };
  }

  #follow(before: unknown, now: unknown): void {
    const [then, today] = [before, now].map((value) => (Array.isArray(value) ? value : [value]));
    for (const [at, row] of (then as unknown[]).entries()) {
      const { type, id } = (row ?? {}) as { type?: string; id?: number };
      const here = ((today as unknown[])[at] ?? {}) as { id?: number };
      if (type && id !== undefined && here.id !== undefined) this.#ids.set(`${type} ${id}`, here.id);
    }
  }
}
