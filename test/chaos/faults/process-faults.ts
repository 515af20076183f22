/** The daemon and its python processes are killed, or stopped for a while and go on. */
import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "./fault.ts";

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
    inject({ keeper, dice }) {
      const host = dice.pick(keeper.daemon.hosts());
      if (host === undefined) return "no python process to kill";
      signal(host, "SIGKILL");
      keeper.counts.hostKills += 1;
      return `kill -9 of python process ${host}`;
    },
  },
  {
    name: "daemon frozen",
    weight: 2,
    async inject({ keeper, dice }) {
      const ms = dice.between(200, 4000);
      const { pid } = keeper.daemon.child;
      signal(pid!, "SIGSTOP");
      await wait(ms);
      signal(pid!, "SIGCONT");
      return `the daemon was stopped for ${ms} ms`;
    },
  },
  {
    name: "host frozen",
    weight: 2,
    async inject({ keeper, dice }) {
      const host = dice.pick(keeper.daemon.hosts());
      if (host === undefined) return "no python process to stop";
      const ms = dice.between(200, 4000);
      signal(host, "SIGSTOP");
      await wait(ms);
      signal(host, "SIGCONT");
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

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended meanwhile
  }
}
