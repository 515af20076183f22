/** What to do when a callback fails: the policy of rules 4 and 5 as one pure decision. */
import type { LaneFailure } from "../journal/journal.ts";
import type { CallbackFailure, CallbackInfo, ErrorReport, LoadedModule } from "./host.ts";
import { backoffMs } from "./pause.ts";
import { sourceOf } from "./source-of.ts";

export type Decision =
  /** Call it again after `waitMs`. */
  | { kind: "retry"; waitMs: number; attempt: number; of: number | null }
  /** Write it down and go on with the next callback. */
  | { kind: "record"; outcome: "failed" | "skipped" }
  /** Stop the plugin at this event. */
  | { kind: "stop" };

const LONGEST_BACKOFF_MS = 60_000;

/**
 * @param attempts calls of this callback for this event so far, at least 1
 * @param instruction what the thrown value asked for
 */
export function decide(
  callback: Pick<CallbackInfo, "stopOnError" | "retry">,
  attempts: number,
  instruction: CallbackFailure["instruction"],
  random?: () => number,
): Decision {
  if (instruction.kind === "stop") return { kind: "stop" };
  if (instruction.kind === "skip") return { kind: "record", outcome: "skipped" };
  const { attempts: repeats, backoffMs: firstMs } = callback.retry;
  if (instruction.kind === "retry" && (repeats === 0 || attempts <= repeats)) {
    return {
      kind: "retry",
      waitMs: instruction.delayMs,
      attempt: attempts,
      of: repeats === 0 ? null : repeats,
    };
  }
  if (attempts <= repeats) {
    const waitMs = backoffMs(attempts, { firstMs, maxMs: LONGEST_BACKOFF_MS }, random);
    return { kind: "retry", waitMs, attempt: attempts, of: repeats };
  }
  return callback.stopOnError ? { kind: "stop" } : { kind: "record", outcome: "failed" };
}

/** Counts the calls of the callback that is failing; forgets when another event or callback fails. */
export class Attempts {
  #seq = -1;
  #key = "";
  #count = 0;

  /** One more failed call. */
  failed(seq: number, key: string): number {
    if (seq !== this.#seq || key !== this.#key) {
      this.#seq = seq;
      this.#key = key;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count;
  }

  reset(): void {
    this.#seq = -1;
  }
}

export function laneFailure(
  at: { seq: number; eventId: number; callback: string | null; attempts: number },
  code: string,
  error: ErrorReport,
  modules: readonly LoadedModule[],
): LaneFailure {
  const source = sourceOf(error, modules);
  return {
    ...at,
    code,
    message: inWords(error),
    stack: error.stack,
    at: new Date().toISOString(),
    ...(error.fingerprint === undefined ? {} : { fingerprint: error.fingerprint }),
    ...(source && { source }),
  };
}

function inWords({ name, message }: ErrorReport): string {
  if (!name || name === "Error") return message;
  return message === "" ? name : `${name}: ${message}`;
}
