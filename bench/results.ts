/** `bench/RESULTS.md`: one section a scenario, written by whoever measured it. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";

const FILE = new URL("./RESULTS.md", import.meta.url);

/** When, and on what. The load is that of everything the machine was doing, so also of what does not belong to the measurement. */
export function circumstances(): string {
  const day = new Date().toISOString().slice(0, 10);
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${day}, Node ${process.version}, ${cpus().length} cores, ${memory}, load average ${loadavg()[0]!.toFixed(1)} at the end`;
}

/** Puts a section in the place of the one with this title, or at the end. */
export function writeSection(title: string, text: string): void {
  const file = readFileSync(FILE, "utf8");
  const section = `## ${title}\n\n${circumstances()}.\n\n${text.trim()}\n\n`;
  const begin = file.indexOf(`## ${title}\n`);
  const next = begin < 0 ? -1 : file.indexOf("\n## ", begin + 1);
  const before = begin < 0 ? `${file.trimEnd()}\n\n` : file.slice(0, begin);
  const after = next < 0 ? "" : file.slice(next + 1);
  writeFileSync(FILE, `${(before + section + after).trimEnd()}\n`);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1]!;
}

/** What share of ascending figures is at or below it. */
export function percentile(ascending: ArrayLike<number>, share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))]!;
}
