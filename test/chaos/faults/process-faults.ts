/** The daemon and its python processes are killed, or stopped for a while and go on. */
import { basename } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { slotsOf } from "../../crash/hosts.ts";
import { signal } from "../process.ts";
import { clock } from "../site.ts";
import { type Fault, type World, whileAway } from "./fault.ts";

const ZONES = ["UTC", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kathmandu", "Europe/Berlin"];

export const processFaults: Fault[] = [
  {
    name: "daemon killed",
    weight: 5,
    async inject({ keeper }) {
      await keeper.restart();
      return "kill -9 of the daemon";
    },
  },
  {
    name: "host killed",
    weight: 4,
    inject({ keeper, dice, hostKills }) {
      const host = dice.pick(keeper.daemon.hosts());
      if (host === undefined) return null;
      const plugin = pluginOf(host);
      hostKills.push({ at: clock(), plugin });
      signal(host, "SIGKILL");
      keeper.counts.hostKills += 1;
      return `kill -9 of the python process of ${plugin ?? "a plugin that is not there yet"}`;
    },
  },
  {
    name: "daemon frozen",
    weight: 2,
    async inject(world) {
      const ms = world.dice.between(200, 4000);
      await whileAway(world, () => freeze(world, world.keeper.daemon.child.pid!, ms));
      return `the daemon was stopped for ${ms} ms`;
    },
  },
  {
    name: "host frozen",
    weight: 2,
    async inject(world) {
      const { keeper, dice } = world;
      const host = dice.pick(keeper.daemon.hosts());
      if (host === undefined) return null;
      const ms = dice.between(200, 4000);
      await freeze(world, host, ms);
      return `python process ${host} was stopped for ${ms} ms`;
    },
  },
  {
    name: "time zone",
    weight: 1,
    async inject({ keeper, dice }) {
      const zone = dice.pick(ZONES)!;
      await keeper.restart(() => {}, zone);
      return `kill -9, and on in ${zone}`;
    },
  },
  {
    name: "clock moved",
    weight: 2,
    possible: ({ studio }) => studio.movableClock,
    inject({ studio, dice }) {
      const seconds = dice.between(-400, 400) * dice.pick([1, 3600, 86_400])!;
      studio.moveClock(seconds);
      return `the wall clock is off by ${seconds} s`;
    },
  },
];

async function freeze({ thaws }: World, pid: number, ms: number): Promise<void> {
  signal(pid, "SIGSTOP");
  await wait(ms);
  thaws.push(clock());
  signal(pid, "SIGCONT");
}

/** By the slot that it writes: `calm-py-1a2b3c4d.slot`. */
function pluginOf(host: number): string | null {
  const names = slotsOf(host).map((file) => /^(.+)-[0-9a-f]{8}\.slot$/.exec(basename(file))?.[1]);
  return names.find((name) => name !== undefined) ?? null;
}
