/** What became of a record since its owner wrote it last. Its version only rises, and in an epoch nobody but the owner writes it. */
import type { LeaseRecord } from "../journal.ts";

/** "older": the database does not know that the record was as it was, so it went back. */
export type Became = "as it was" | "written" | "another's" | "older";

/** After one write whose answer is not known, or that was refused. @param now null: there is none */
export function becameOf(mine: Omit<LeaseRecord, "free">, now: Omit<LeaseRecord, "free"> | null): Became {
  if (!now || now.version < mine.version || now.epoch < mine.epoch) return "older";
  if (now.epoch > mine.epoch) return now.version > mine.version ? "another's" : "older";
  // whoever takes it raises the epoch, and who gives it back leaves nobody
  if (now.owner !== null && now.owner !== mine.owner) return "older";
  if (now.version === mine.version) return "as it was";
  return now.version === mine.version + 1 ? "written" : "another's";
}
