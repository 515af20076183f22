/** What carries a loaded plugin: a worker thread, or a python process. `PluginHost` is the same around either. */
import type { InHand, LoadedModule, Run, Verdict } from "../daemon/host.ts";
import type { ErrorCode } from "../errors.ts";
import type { Dying } from "./messages.ts";

export interface Carrier {
  /** Resolves when its turn to load comes; left out where that is at once. */
  readonly begun?: Promise<void>;
  /** How it ended, once it has. Never rejects. */
  readonly gone: Promise<CarrierEnd>;
  /** True when its end was asked for by `terminate`. */
  readonly terminated: boolean;
  /** What runs the plugin, when that is not Node itself: `Python 3.11.7 at /usr/bin/python3`. */
  readonly runtime?: string | null;
  /** The local files that the plugin has loaded so far. */
  readonly modules: readonly LoadedModule[];
  /** Bytes that it holds; null when that cannot be known. */
  memory(): Promise<number | null>;
  hand(run: Run): void;
  /** Answers the failure that the guest has told of last. */
  answer(verdict: Verdict): void;
  /** The step that the guest has told of last is durable. `until`: as `HostStart.step` resolves. */
  stored(until: number | null): void;
  /** Asks the guest to finish its event in hand and say `stopped`. */
  requestStop(): void;
  /** null while between callbacks; after the end, what was in hand then. */
  inHand(): InHand | null;
  /** Ends it at once. Resolves when it is gone. */
  terminate(): Promise<void>;
}

export interface CarrierEnd extends Dying {
  /** Set when it never ran any of the plugin: what carries it is the trouble. `message` follows "cannot be loaded:". */
  unusable?: { code: ErrorCode; message: string; hint: string };
  /** Somebody outside of it sent it a SIGKILL: a person, or the system for want of memory. */
  killed?: boolean;
  /** Set when another plugin of the same process brought it about, or nobody knows which: why this one is not to blame. */
  excuse?: string;
}
