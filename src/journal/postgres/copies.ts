/** The files that lanes run with, as rows. */
import type { PluginCopy } from "../journal.ts";
import type { Session } from "./engine.ts";

interface CopyRow {
  sha256: string;
  changed_at: number;
  runs_on: string | null;
  files: string;
}

/** In the transaction of a write that the lane's owner alone can make. */
export async function writeCopy(
  session: Session,
  lane: number,
  host: string,
  { sha256, changedAt, runsOn, files }: PluginCopy,
): Promise<void> {
  await session.rows(
    `INSERT INTO copy (lane, host, sha256, changed_at, runs_on, files) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (lane) DO UPDATE SET host = $2, sha256 = $3, changed_at = $4, runs_on = $5, files = $6`,
    [lane, host, sha256, changedAt, runsOn, JSON.stringify(files)],
  );
}

export async function readCopy(session: Session, laneId: string): Promise<PluginCopy | null> {
  const [row] = await session.rows<CopyRow>(
    "SELECT sha256, changed_at, runs_on, files FROM copy WHERE lane = (SELECT number FROM lane WHERE id = $1)",
    [laneId],
    "copy",
  );
  if (!row) return null;
  return {
    sha256: row.sha256,
    changedAt: row.changed_at,
    runsOn: row.runs_on,
    files: JSON.parse(row.files) as PluginCopy["files"],
  };
}
