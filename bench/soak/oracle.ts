/** What a plugin's record says about the promises. */
import { LINE, MARK } from "./plugins.ts";

export interface PluginVerdict {
  delivered: number;
  /** Events that are missing before others that came. */
  lost: number;
  /** Events at the end that have not come. */
  behind: number;
  disorder: number;
  /** Came twice in a row; of them, those that were not marked. */
  repeats: number;
  unmarked: number;
}

/** @param range of ids: every one of them has to be there */
export function verdictOn(record: Buffer, { first, last }: { first: number; last: number }): PluginVerdict {
  const lines = Math.floor(record.length / LINE);
  const found = { delivered: lines, lost: 0, behind: 0, disorder: 0, repeats: 0, unmarked: 0 };
  let before = first - 1;
  for (let at = 0; at < lines * LINE; at += LINE) {
    const id = idAt(record, at);
    if (id === before) {
      found.repeats += 1;
      if (record[at + LINE - 1] !== MARKED) found.unmarked += 1;
    } else if (id < before) found.disorder += 1;
    else {
      found.lost += id - before - 1;
      before = id;
    }
  }
  found.behind = last - before;
  return found;
}

const MARKED = MARK.charCodeAt(0);

/** The id in the line that begins there. */
export function idAt(record: Buffer, at: number): number {
  let id = 0;
  for (let i = at; i < at + LINE - 1; i += 1) id = id * 10 + record[i]! - 48;
  return id;
}
