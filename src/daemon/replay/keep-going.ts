import type { Host } from "../host.ts";

/** The same host, none of whose callbacks ends the replay when it fails; `StopPlugin` still does. */
export function keepGoing(host: Host): Host {
  return {
    callbacks: host.callbacks.map((callback) => ({ ...callback, stopOnError: false })),
    emails: host.emails,
    runsOn: host.runsOn,
    runtime: host.runtime,
    get modules() {
      return host.modules;
    },
    loadMs: host.loadMs,
    hand: (run) => host.hand(run),
    inHand: () => host.inHand(),
    quiet: host.quiet,
    stop: () => host.stop(),
    kill: () => host.kill(),
  };
}
