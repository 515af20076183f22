/** Killing the python processes of a daemon, most of them at a moment at which they have an event in hand. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { readSlot } from "../../src/journal/slot.ts";

const LONGEST_AIM_MS = 5000;

export interface HostKiller {
  daemon: number;
  random: () => number;
  /** Asked again and again while no host has an event in hand: more is to happen on the site, if all is delivered. */
  stirIfIdle(): void;
  /** Whether the daemon has ended. */
  over(): boolean;
}

/** Kills one. @returns whether it had an event in hand; null when the daemon ended instead */
export async function killHost({ daemon, random, stirIfIdle, over }: HostKiller): Promise<boolean | null> {
  // now and then whatever it is doing: being loaded, perhaps
  const aimed = random() < 0.8;
  const end = performance.now() + LONGEST_AIM_MS;
  while (!over()) {
    const hosts = childrenOf(daemon);
    const host = hosts[Math.floor(random() * hosts.length)];
    if (host !== undefined && freeze(host)) {
      const atWork = hasEventInHand(host);
      if (atWork || !aimed || performance.now() > end) {
        process.kill(host, "SIGKILL");
        return atWork;
      }
      process.kill(host, "SIGCONT");
      if (!hosts.some(hasEventInHand)) stirIfIdle();
    }
    await wait(1 + random() * 5);
  }
  return null;
}

/** Stops it for as long as it is looked at. @returns false when it has ended */
function freeze(pid: number): boolean {
  try {
    process.kill(pid, "SIGSTOP");
    for (;;) {
      const state = stateOf(pid);
      if (state === "T") return true;
      if (state === "Z" || state === "X") return false;
    }
  } catch {
    return false;
  }
}

export function hasEnded(pid: number): boolean {
  try {
    return ["Z", "X"].includes(stateOf(pid));
  } catch {
    return true;
  }
}

/** As `ps` shows it. Throws when there is no such process. */
function stateOf(pid: number): string {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))![1]!;
}

/** Its slots say so: a plugin's progress is written to one before each callback. */
function hasEventInHand(pid: number): boolean {
  try {
    return slotsOf(pid).some((file) => readSlot(file).record?.begun === true);
  } catch {
    // gone meanwhile
    return false;
  }
}

/** The slots that a host has open: of the plugins in it that have begun. None of one that has ended. */
export function slotsOf(pid: number): string[] {
  try {
    const files = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    return files.filter((file) => file.endsWith(".slot"));
  } catch {
    // it has ended, or a descriptor was closed meanwhile
    return [];
  }
}

/** Those that live. */
export function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync("ps", ["-o", "pid=,stat=", "--ppid", String(pid)], { encoding: "utf8" });
  // those that nobody has collected yet have ended already
  return stdout
    .split("\n")
    .filter((line) => line.trim() !== "" && !/Z/.test(line))
    .map((line) => Number.parseInt(line, 10));
}
