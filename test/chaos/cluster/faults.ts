/** What goes wrong in a cluster's chaos run. Each fault ends by itself, while others may have begun. */
import { setTimeout as wait } from "node:timers/promises";
import type { Dice } from "../../../src/sandbox/random.ts";
import type { LossyProxy } from "../../journal/postgres/proxy.ts";
import type { PostgresServer } from "../../journal/postgres/server.ts";
import { isPlainRefusal, signal } from "../process.ts";
import type { ClusterHost } from "./host.ts";

export interface Scene {
  dice: Dice;
  leaseMs: number;
  hosts: readonly ClusterHost[];
  server: PostgresServer;
}

/** A fault that has begun. */
export interface Begun {
  what: string;
  /** Whose plugins are to be taken over for it; null: nobody's for certain. */
  victim: string | null;
  over: Promise<unknown>;
}

export type FaultName =
  | "killed"
  | "frozen"
  | "without database"
  | "without site"
  | "database killed"
  | "asked to stop";

/** null: not possible now. */
export const FAULTS: Record<FaultName, (scene: Scene) => Begun | null> = {
  killed(scene) {
    const { dice, leaseMs } = scene;
    const ms = dice.between(100, leaseMs * 2);
    return withProcess(scene, (host) => ({
      what: `kill -9 of ${host.name}, started again ${ms} ms later`,
      victim: host.name,
      over: host.keeper.restart(() => wait(ms)),
    }));
  },
  frozen(scene) {
    const all = scene.dice.chance(0.5);
    return withProcess(scene, (host) => ({
      what: `${host.name}${all ? " and its python processes" : ""} frozen for ${FREEZE_MS} ms`,
      victim: host.name,
      over: freeze(host, all),
    }));
  },
  "without database"({ dice, hosts }) {
    const host = dice.pick(hosts)!;
    const cut = cutFor(dice);
    return {
      what: `${host.name} and the database: ${cut.what}`,
      victim: null,
      over: host.without(cut.line(host.lines.database)),
    };
  },
  "without site"({ dice, hosts }) {
    const host = dice.pick(hosts)!;
    const cut = cutFor(dice);
    return { what: `${host.name} and the site: ${cut.what}`, victim: null, over: cut.line(host.lines.site) };
  },
  "database killed"({ dice, leaseMs, hosts, server }) {
    const ms = dice.between(0, leaseMs * 1.5);
    const back = server.crash(ms);
    return {
      what: `kill -9 of the database, started again ${ms} ms later`,
      victim: null,
      over: Promise.all(hosts.map((host) => host.without(back))),
    };
  },
  "asked to stop"(scene) {
    const ms = scene.dice.between(0, 3000);
    return withProcess(scene, (host) => ({
      what: `${host.name} asked to stop, started again ${ms} ms later`,
      victim: host.name,
      over: stop(host, ms),
    }));
  },
};

const FREEZE_MS = 6000;
const CUT_MS = [1000, 9000] as const;

function withProcess({ dice, hosts }: Scene, begin: (host: ClusterHost) => Begun): Begun | null {
  const host = dice.pick(hosts.filter(({ busy, keeper }) => !busy && keeper.daemon.running));
  if (!host) return null;
  host.busy = true;
  const begun = begin(host);
  const over = begun.over.finally(() => {
    host.busy = false;
  });
  return { ...begun, over };
}

async function freeze({ keeper }: ClusterHost, all: boolean): Promise<void> {
  const { daemon } = keeper;
  const pids = [daemon.child.pid!, ...(all ? daemon.hosts() : [])];
  for (const pid of pids) signal(pid, "SIGSTOP");
  await wait(FREEZE_MS);
  for (const pid of pids) signal(pid, "SIGCONT");
}

async function stop({ name, keeper }: ClusterHost, ms: number): Promise<void> {
  const ended = await keeper.stop();
  const { code, signal: by, words } = ended;
  // one that has said nothing yet is not there yet: the system ends it; and one without a database may just have said so
  const isRefusal = keeper.sick && isPlainRefusal(ended);
  if (isRefusal) keeper.counts.refusals += 1;
  else if (code !== 0 && words !== "")
    keeper.violations.push(`asked to stop, ${name} ended with ${code ?? by}:\n${words}`);
  await wait(ms);
  keeper.startAgain();
}

/** A cable that is out, or a firewall that refuses. */
function cutFor(dice: Dice): { what: string; line(proxy: LossyProxy): Promise<void> } {
  const ms = dice.between(...CUT_MS);
  const silent = dice.chance(0.5);
  return {
    what: `${silent ? "nothing passes" : "refused"} for ${ms} ms`,
    async line(proxy) {
      if (silent) proxy.hold(true);
      else {
        proxy.refuse(true);
        proxy.breakAll();
      }
      await wait(ms);
      if (silent) proxy.hold(false);
      else proxy.refuse(false);
    },
  };
}
