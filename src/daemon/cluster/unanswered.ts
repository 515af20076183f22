/** What is said of a command while the database does not answer. */
import { CallsheetError } from "../../errors.ts";
import type { Cluster } from "../../journal/journal.ts";
import { shellWord } from "../../shell-word.ts";
import type { LaneStatus } from "../lane-status.ts";

/** What the database does not do, since when, and what it does when it is back; null: it can be reached. */
export function unreachable({
  awaySince,
  readOnlySince,
}: Pick<Cluster, "awaySince" | "readOnlySince">): { what: string; until: string } | null {
  if (awaySince !== null) return { what: `has not answered since ${awaySince}`, until: "answers" };
  if (readOnlySince !== null)
    return { what: `takes nothing since ${readOnlySince}`, until: "takes something" };
  return null;
}

export function unanswered({ name }: Pick<LaneStatus, "name">, what: string): CallsheetError {
  return new CallsheetError("COMMAND_UNANSWERED", `${what}: it is not known yet whether it is done.`, {
    hint: `It is done once or not at all. See how things stand with: callsheet plugin ${shellWord(name)}`,
  });
}
