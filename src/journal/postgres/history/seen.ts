/** What a host has seen of the cluster's database, kept on its own disk: so that a database that went back is not taken for sound. */
import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import type { Estate, IdRange } from "../../journal.ts";

export interface Seen {
  /** ISO 8601 UTC. */
  at: string;
  /** Of the database, see `identity.ts`. */
  identity: string;
  /** null before anybody read. */
  reader: {
    epoch: number;
    version: number;
    /** Of the epoch: who takes the lease writes a new one. null: whoever took it knew of none. */
    token: string | null;
    generation: number;
    position: number;
    gaps: readonly IdRange[];
  } | null;
  lanes: readonly SeenLane[];
  /** It went back while a daemon looked on, and was not repaired since. */
  wentBack?: boolean;
}

export interface SeenLane {
  id: string;
  path: string;
  name: string;
  version: number;
  /** It has had every event up to this id that was visible; null before anybody read. */
  lastId: number | null;
}

/** null when there is none, or it cannot be read. */
export function readSeen(file: string): Seen | null {
  try {
    const seen = JSON.parse(readFileSync(file, "utf8")) as Seen;
    return typeof seen.identity === "string" && Array.isArray(seen.lanes) ? seen : null;
  } catch {
    return null;
  }
}

/** The old one or the new one is there, whatever happens; not to be called again before it has resolved. */
export async function writeSeen(file: string, seen: Seen): Promise<void> {
  const fresh = `${file}.new`;
  // or a loss of power leaves an empty one
  await writeFile(fresh, `${JSON.stringify(seen)}\n`, { flush: true });
  await rename(fresh, file);
}

/** Where reader and lanes were, for a database that does not know. */
export function estateOf({ reader, lanes }: Seen): Estate | null {
  if (!reader) return null;
  const had = lanes.flatMap(({ lastId }) => (lastId === null ? [] : [lastId]));
  // from where all have had everything; each lane is not given again what it had
  const position = Math.min(reader.position, ...had);
  return {
    reader: { position, gaps: reader.gaps.filter(({ last }) => last <= position) },
    lanes: lanes.map(({ id, path, name, lastId }) => ({
      ...{ id, path, name },
      had: lastId === null ? null : { lastId, pending: [], as: "had_before" as const },
    })),
  };
}
