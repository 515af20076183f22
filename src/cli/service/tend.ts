/** What a service manager hears of a running daemon: ready, alive, how it does, reloading, stopping. */
import type { Config } from "../../config-file.ts";
import { attentionOf, readinessOf } from "../../daemon/answers/attention.ts";
import type { Daemon } from "../../daemon/daemon.ts";
import { Liveness } from "../../daemon/liveness.ts";
import type { Log } from "../../log/log.ts";
import type { ServiceManager } from "./manager.ts";
import { START_WITHIN_S } from "./unit.ts";

/** How often the sentence in `systemctl status` may change. */
const STATUS_EVERY_MS = 10_000;
/** Beyond `shutdownTimeout`, for alerts and the journal. */
const END_GRACE_MS = 30_000;

export interface Tended {
  /** The daemon has been asked to end. */
  stopping(): void;
  close(): Promise<void>;
}

type Parts = {
  manager: ServiceManager;
  daemon: Pick<Daemon, "status">;
  config: Pick<Config, "shutdownTimeout" | "fetchInterval"> & { site: Pick<Config["site"], "timeout"> };
  log: Log;
};

/** Says that the daemon is ready, and from then on that it is alive for as long as that is so. */
export function tend({ manager, daemon, config, log }: Parts): Tended {
  const liveness = new Liveness({
    siteTimeoutMs: config.site.timeout,
    fetchIntervalMs: config.fetchInterval,
  });
  let told = sentenceOf(daemon);
  let complained = false;
  void manager.tell("READY=1", `STATUS=${told}`);

  const signOfLife = () => {
    const stuck = liveness.stuck(daemon.status());
    if (stuck === null) return void manager.tell("WATCHDOG=1");
    if (!complained) log.critical(`${stuck}: the service manager is no longer told that all is well`);
    complained = true;
  };
  const showStatus = () => {
    const sentence = sentenceOf(daemon);
    if (sentence !== told) void manager.tell(`STATUS=${sentence}`);
    told = sentence;
  };
  const timers = [setInterval(showStatus, STATUS_EVERY_MS)];
  // three chances before it is too late
  if (manager.watchdogMs !== null) timers.push(setInterval(signOfLife, manager.watchdogMs / 3));
  return {
    stopping() {
      clearInterval(timers[0]);
      const mostUs = (config.shutdownTimeout + END_GRACE_MS) * 1000;
      void manager.tell("STOPPING=1", "STATUS=finishing what is in hand", `EXTEND_TIMEOUT_USEC=${mostUs}`);
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      await manager.tell("STATUS=ended");
    },
  };
}

/**
 * Keeps a start that has to wait from being ended as one that takes too long.
 * @returns to be told again and again how much longer it waits at most, ms
 */
export function tendStart(manager: ServiceManager): (mostMs: number) => void {
  // what comes after the wait may take as long as ever
  const restMs = START_WITHIN_S * 1000;
  let until = Number.NEGATIVE_INFINITY;
  return (mostMs) => {
    const now = performance.now();
    if (now + mostMs + restMs / 2 <= until) return;
    until = now + mostMs + restMs;
    const mostUs = Math.ceil(mostMs + restMs) * 1000;
    const status = "waiting whether the daemon that had its name is heard of";
    void manager.tell(`STATUS=${status}`, `EXTEND_TIMEOUT_USEC=${mostUs}`);
  };
}

/** `systemctl reload`: told when it begins and when it is over. */
export async function whileReloading(manager: ServiceManager, reload: () => Promise<void>): Promise<void> {
  // the clock that systemd compares with
  const microseconds = process.hrtime.bigint() / 1000n;
  await manager.tell("RELOADING=1", `MONOTONIC_USEC=${microseconds}`);
  try {
    await reload();
  } finally {
    await manager.tell("READY=1");
  }
}

function sentenceOf(daemon: Pick<Daemon, "status">): string {
  const status = daemon.status();
  const { ready, reasons } = readinessOf(status);
  const trouble = attentionOf(status).filter(({ severity }) => severity !== "info").length;
  const flow = ready ? "events flow" : `events do not flow: ${reasons.join("; ")}`;
  const plugins = `${status.plugins.length} ${status.plugins.length === 1 ? "plugin" : "plugins"}`;
  const hint = trouble > 0 ? `, ${trouble} to look at (callsheet status)` : "";
  // a message is a line
  return `${flow}; ${plugins}${hint}`.replace(/\s+/g, " ");
}
