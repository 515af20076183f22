/** What a plugin's record says about the promises. */
import { LINE } from "./plugins.ts";

export interface PluginVerdict {
  plugin: string;
  delivered: number;
  lost: number;
  disorder: number;
  /** Came twice in a row; of them, those that were not marked, as Python plugins never are told. */
  repeats: number;
  unmarked: number;
}

/** @param range of ids: every one of them has to be there */
export function verdictOn(
  record: Buffer,
  { first, last }: { first: number; last: number },
): Omit<PluginVerdict, "plugin"> {
  const found = { delivered: record.length / LINE, lost: 0, disorder: 0, repeats: 0, unmarked: 0 };
  let before = first - 1;
  for (let at = 0; at < record.length; at += LINE) {
    const id = idAt(record, at);
    if (id === before) {
      found.repeats += 1;
      if (record[at + LINE - 1] !== MARK) found.unmarked += 1;
    } else if (id < before) found.disorder += 1;
    else {
      found.lost += id - before - 1;
      before = id;
    }
  }
  found.lost += last - before;
  return found;
}

const MARK = "r".charCodeAt(0);

function idAt(record: Buffer, at: number): number {
  let id = 0;
  for (let i = at; i < at + LINE - 1; i += 1) id = id * 10 + record[i]! - 48;
  return id;
}
