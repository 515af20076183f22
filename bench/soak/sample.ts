/** What the daemon takes, at one moment. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { BenchDaemon } from "../daemon.ts";
import { childrenOf, residentMb } from "../processes.ts";

export interface Sample {
  /** Resident memory of the daemon with its threads, and of the python processes together. */
  daemonMb: number;
  pythonMb: number;
  descriptors: number;
  stateMb: number;
  /** Of it, the journal's file. */
  journalMb: number;
}

export function sampleOf({ process: { pid }, folder }: BenchDaemon): Sample {
  const state = join(folder, "state");
  return {
    daemonMb: residentMb({ pid }),
    pythonMb: childrenOf(pid!).reduce((sum, child) => sum + residentMb({ pid: child }), 0),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    stateMb: folderMb(state),
    journalMb: sizeOf(join(state, "journal.sqlite")) / 1e6,
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function folderMb(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files.reduce((sum, name) => sum + sizeOf(join(folder, name)), 0) / 1e6;
}
