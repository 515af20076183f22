import { type ChildProcess, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** CPU and peak memory of a child, as Linux counts them; zero elsewhere. */
export function watchPeak(child: ChildProcess): { cpu(): number; mb(): number } {
  const ticks = Number(spawnSync("getconf", ["CLK_TCK"]).stdout?.toString() || 100);
  let cpu = 0;
  let mb = 0;
  const look = () => {
    try {
      const stat = readFileSync(`/proc/${child.pid}/stat`, "latin1").split(") ")[1]!.split(" ");
      cpu = (Number(stat[11]) + Number(stat[12])) / ticks;
      const status = readFileSync(`/proc/${child.pid}/status`, "latin1");
      mb = Math.max(mb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // it has ended; the last look counts
    }
  };
  const timer = setInterval(look, 20);
  child.once("exit", () => clearInterval(timer));
  return {
    cpu() {
      look();
      return cpu;
    },
    mb: () => mb,
  };
}

/** Resident memory of a process right now, in MB; zero once it has ended. */
export function residentMb({ pid }: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
