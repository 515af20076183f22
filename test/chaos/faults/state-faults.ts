/** The state folder's disk is full, read-only or fails, or what lies in it is damaged while the daemon is dead. */
import { closeSync, openSync, readdirSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Dice } from "../../../src/sandbox/random.ts";
import { hasEnded } from "../../crash/hosts.ts";
import { endChapter } from "../chapters.ts";
import type { Keeper } from "../keeper.ts";
import { signal } from "../process.ts";
import { type Fault, type World, whileAway } from "./fault.ts";

export const stateFaults: Fault[] = [
  {
    name: "disk full",
    weight: 1,
    possible: ({ studio }) => studio.disk !== null,
    async inject(world) {
      const { studio, keeper, dice } = world;
      const ms = dice.between(500, 5000);
      const filler = join(studio.state, "filler");
      keeper.sick = true;
      await whileAway(world, async () => {
        fill(filler);
        await wait(ms);
        rmSync(filler);
      });
      await wait(500);
      keeper.sick = false;
      return `the disk was full for ${ms} ms`;
    },
  },
  {
    name: "disk read-only",
    weight: 1,
    possible: ({ studio }) => studio.disk !== null,
    async inject({ studio, keeper, dice }) {
      const ms = dice.between(500, 3000);
      keeper.sick = true;
      const { refusals } = keeper.counts;
      await keeper.restart(() => studio.disk!.writable(false));
      await until(() => keeper.counts.refusals > refusals);
      if (keeper.counts.refusals === refusals) keeper.violations.push("the daemon took a read-only disk");
      await wait(ms);
      await studio.disk!.writable(true);
      await wait(500);
      keeper.sick = false;
      return `kill -9, and the disk read-only for ${ms} ms`;
    },
  },
  {
    name: "disk fails",
    weight: 1,
    possible: ({ studio }) => studio.disk?.canFail === true,
    async inject(world) {
      const { studio, keeper, dice } = world;
      const ms = dice.between(500, 5000);
      keeper.sick = true;
      await whileAway(world, async () => {
        await failUnder(world);
        await wait(ms);
        const hosts = keeper.daemon.hosts();
        await keeper.restart(async () => {
          await untilEnded(keeper, hosts);
          await studio.disk!.mend();
        });
      });
      await untilReady(world, "the disk was mended");
      keeper.sick = false;
      return `the disk turned read-only under the daemon; after ${ms} ms kill -9, and it was mended`;
    },
  },
  {
    name: "state damaged",
    weight: 1,
    async inject(world) {
      const { keeper, studio, chapters } = world;
      // what is not whole yet has nothing to be judged by
      if (!keeper.daemon.up) return null;
      let what = "";
      const hosts = keeper.daemon.hosts();
      keeper.sick = true;
      await keeper.restart(async () => {
        await untilEnded(keeper, hosts);
        await endChapter(studio, chapters);
        what = damage(world);
      });
      // whatever it says, it says at its start
      await untilReady(world, "the state was damaged");
      keeper.sick = false;
      return `kill -9, and ${what}`;
    },
  },
];

function fill(file: string): void {
  const fd = openSync(file, "w");
  const block = Buffer.alloc(64 * 1024);
  try {
    for (;;) writeSync(fd, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  } finally {
    closeSync(fd);
  }
}

function damage({ dice, studio }: World): string {
  const files = readdirSync(studio.state, { recursive: true, encoding: "utf8" }).filter((name) => {
    const stat = statSync(join(studio.state, name));
    return stat.isFile() && stat.size > 0;
  });
  const name = dice.pick(files)!;
  const file = join(studio.state, name);
  const size = statSync(file).size;
  if (dice.chance(0.4)) {
    const left = dice.between(0, size - 1);
    truncateSync(file, left);
    return `${name} cut from ${size} to ${left} bytes`;
  }
  const at = dice.between(0, size - 1);
  const bytes = garbage(dice, dice.pick([1, 16, 4096])!);
  const fd = openSync(file, "r+");
  writeSync(fd, bytes, 0, Math.min(bytes.length, size - at), at);
  closeSync(fd);
  return `garbage in ${name}, ${bytes.length} bytes at ${at} of ${size}`;
}

function garbage(dice: Dice, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => dice.between(0, 255)));
}

/** All stand still meanwhile: what is written in that moment would be lost, as with a power failure. */
async function failUnder({ studio, keeper: { daemon } }: World): Promise<void> {
  const pids = [daemon.child.pid!, ...daemon.hosts()];
  for (const pid of pids) signal(pid, "SIGSTOP");
  studio.disk!.fail();
  for (const pid of pids) signal(pid, "SIGCONT");
}

async function untilEnded({ violations }: Keeper, hosts: readonly number[]): Promise<void> {
  if (!(await until(() => hosts.every(hasEnded))))
    violations.push("a python process outlived its daemon by a minute");
}

async function untilReady({ keeper }: World, what: string): Promise<void> {
  const isThere = async () => (await keeper.control((control) => control.get("/status"))) !== null;
  if (!(await until(isThere))) keeper.violations.push(`after ${what}, no daemon was there within a minute`);
}

/** Whether it came true within a minute. */
async function until(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = performance.now() + 60_000;
  while (performance.now() < end) {
    if (await condition()) return true;
    await wait(100);
  }
  return false;
}
