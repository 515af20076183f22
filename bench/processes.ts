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
      mb =
        Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "latin1"))?.[1] ?? 0) / 1024;
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
