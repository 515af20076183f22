/** What plugins of a crash run wrote down, one line an event, and whether that is as promised. */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

export interface PluginReport {
  name: string;
  delivered: number;
  lost: number[];
  /** Deliveries beyond the first of an event. */
  repeats: number;
  /** Repeats that did not carry `redelivered`. */
  unmarked: number[];
  /** Repeats of another event than the one delivered last. */
  disorder: number;
}

export function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

export interface Note {
  id: number;
  redelivered: boolean;
}

/** What a plugin wrote down, whole lines only. */
export function notes(folder: string, name: string): Note[] {
  const file = join(folder, "notes", name);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.slice(0, -1).map((line) => {
    const [id, mark] = line.split(" ");
    return { id: Number(id), redelivered: mark === "redelivered" };
  });
}

/** The event noted last, by the end of the file alone. */
export function lastNoted(folder: string, name: string): number | null {
  const file = join(folder, "notes", name);
  const size = sizeOf(file);
  const end = Buffer.alloc(Math.min(size, 100));
  if (size === 0) return null;
  const fd = openSync(file, "r");
  readSync(fd, end, 0, end.length, size - end.length);
  closeSync(fd);
  const lines = end.toString().split("\n");
  return Number.parseInt(lines.at(-2) ?? "", 10);
}

export function judge(name: string, all: Note[], visible: ReadonlySet<number>): PluginReport {
  const seen = new Set<number>();
  const unmarked: number[] = [];
  let disorder = 0;
  let previous = 0;
  for (const { id, redelivered } of all) {
    if (seen.has(id)) {
      if (!redelivered) unmarked.push(id);
      // a repeat is of the event in hand: the last one
      if (id !== previous) disorder += 1;
    }
    seen.add(id);
    previous = id;
  }
  return {
    name,
    delivered: seen.size,
    lost: [...visible].filter((id) => !seen.has(id)),
    repeats: all.length - seen.size,
    unmarked,
    disorder,
  };
}
