import { type ChildProcess, execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** The python3 of the PATH; the program itself, since what has that name may be a script that takes its time to find it. */
export function python(): string {
  return execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
}

/**
 * CPU of a child and of its own children, also of those that have ended; that of its main thread alone; and its peak memory, as Linux
 * counts them; zero elsewhere. @param everyMs how often it looks: what was last seen counts once the child has ended
 */
export function watchPeak(
  child: ChildProcess,
  everyMs = 20,
): { cpu(): number; mainCpu(): number; mb(): number } {
  const ticks = Number(spawnSync("getconf", ["CLK_TCK"]).stdout?.toString() || 100);
  let cpu = 0;
  let mainCpu = 0;
  let mb = 0;
  const look = () => {
    try {
      cpu = [child.pid!, ...childrenOf(child.pid!)].reduce((sum, pid) => sum + ticksOf(pid), 0) / ticks;
      mainCpu = ticksOf(child.pid!, `task/${child.pid}/`) / ticks;
      const status = readFileSync(`/proc/${child.pid}/status`, "latin1");
      mb = Math.max(mb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // it has ended; the last look counts
    }
  };
  const timer = setInterval(look, everyMs);
  child.once("exit", () => clearInterval(timer));
  return {
    cpu() {
      look();
      return cpu;
    },
    mainCpu: () => mainCpu,
    mb: () => mb,
  };
}

function ticksOf(pid: number, thread = ""): number {
  const stat = readFileSync(`/proc/${pid}/${thread}stat`, "latin1").split(") ")[1]!.split(" ");
  const own = Number(stat[11]) + Number(stat[12]);
  // those of its children that it has waited for are told of it, and of each of its threads
  return thread === "" ? own + Number(stat[13]) + Number(stat[14]) : own;
}

export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      const children = readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1");
      return children.split(" ").filter(Boolean).map(Number);
    } catch {
      // the thread has ended since
      return [];
    }
  });
}

/** Resident memory of a process right now, in MB; zero once it has ended. */
export function residentMb({ pid }: { pid?: number | undefined }): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
