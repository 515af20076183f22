/** From something that carries a plugin to a host, and every way in which loading can end. */
import type { Host, HostStart, LoadedModule } from "../daemon/host.ts";
import { CallsheetError, type ErrorCode } from "../errors.ts";
import type { Carrier } from "./carrier.ts";
import type { FromGuest, LoadFailure } from "./messages.ts";
import { PluginHost } from "./plugin-host.ts";

/** A plugin that cannot be loaded. A change of any of `modules` may mend it. */
export class PluginLoadError extends CallsheetError {
  readonly modules: readonly LoadedModule[];
  /** True when it may well load the next time, with nothing changed. */
  readonly passing: boolean;

  constructor(failure: LoadFailure, modules: readonly LoadedModule[]) {
    super(failure.code, failure.message, {
      ...(failure.hint === null ? {} : { hint: failure.hint }),
      ...(failure.error === null ? {} : { cause: errorFrom(failure.error) }),
    });
    this.modules = modules;
    this.passing = failure.passing ?? false;
  }
}

export interface Loading<C extends Carrier> {
  start: HostStart;
  /** Longest time it may take, milliseconds. */
  timeoutMs: number;
  /** Starts what carries the plugin. */
  carry(onMessage: (message: FromGuest) => void): C;
  /** More about a failure, once its carrier is gone. */
  explain?(failure: LoadFailure, carrier: C): Promise<LoadFailure>;
}

/** @throws PluginLoadError PLUGIN_*, HOST_* or PYTHON_UNUSABLE, when what carried it is gone again */
export async function loadHost<C extends Carrier>({
  start,
  timeoutMs,
  carry,
  explain = async (failure) => failure,
}: Loading<C>): Promise<Host> {
  const { plugin, listener, signal } = start;
  const began = performance.now();
  const outcome = Promise.withResolvers<void>();
  let host: PluginHost | null = null;
  const carrier = carry((message) => {
    if (host) host.take(message);
    else if (message.type === "log") listener.log(message.line);
    else if (message.type === "loaded") {
      // At once, since messages that follow are for the host.
      host = new PluginHost(carrier, start, message, performance.now() - began);
      outcome.resolve();
    } else if (message.type === "load-failed") outcome.reject(message.failure);
  });
  const end = otherEndings(plugin.path, timeoutMs, carrier, signal, outcome.reject);
  try {
    await outcome.promise;
    return host!;
  } catch (thrown) {
    await carrier.terminate();
    const failure = await explain(thrown as LoadFailure, carrier);
    throw new PluginLoadError(failure, withItself(plugin.path, carrier.modules));
  } finally {
    end();
  }
}

/** Whatever else can end a load: the carrier's end, the timeout, the signal. @returns what takes it all back */
function otherEndings(
  path: string,
  timeoutMs: number,
  carrier: Carrier,
  signal: AbortSignal,
  reject: (failure: LoadFailure) => void,
): () => void {
  const fail = (code: ErrorCode, message: string, hint: string | null = null) =>
    reject({ code, message, hint, error: null });
  const onAbort = () => fail("PLUGIN_LOAD", `${path} is no longer wanted.`);
  const seconds = timeoutMs / 1000;
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const startClock = () => {
    if (over) return;
    timer = setTimeout(
      fail,
      timeoutMs,
      "PLUGIN_LOAD_TIMEOUT",
      `${path} did not finish loading within ${seconds} s.`,
      "Look for an endless loop or something that is waited for in vain, at its top level or in registerCallbacks.",
    );
  };
  if (carrier.begun) void carrier.begun.then(startClock);
  else startClock();
  void carrier.gone.then(({ code, message, error, unusable, excuse, killed = false }) => {
    if (unusable) return fail(unusable.code, `${path} cannot be loaded: ${unusable.message}.`, unusable.hint);
    const outOfMemory = code === "HOST_OUT_OF_MEMORY";
    const said = excuse
      ? `${path} was not loaded: ${excuse}.`
      : `${path} ended its host while it was loaded: ${message}.`;
    reject({ code: outOfMemory ? code : "PLUGIN_LOAD", message: said, hint: null, error, passing: killed });
  });
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  return () => {
    over = true;
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  };
}

/** The plugin file itself always counts: when it could not even be read, it may be readable later. */
function withItself(path: string, loaded: readonly LoadedModule[]): readonly LoadedModule[] {
  return loaded.some((module) => module.path === path) ? loaded : [...loaded, { path, sha256: "" }];
}

function errorFrom({ name, message, stack }: NonNullable<LoadFailure["error"]>): Error {
  return Object.assign(new Error(message), { name, stack: stack ?? `${name}: ${message}` });
}
