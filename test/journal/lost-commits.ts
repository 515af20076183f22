/** What becomes of commits on SQLite that are reported as failed: some are done all the same (ExecuteAndTimeout), or none is, the disk being full. */
import { DatabaseSync } from "node:sqlite";

export interface LostCommits {
  /** How many were lost since the last asking. */
  taken(): number;
  end(): void;
}

/** SQLITE_FULL: the one failure after which a daemon does not end, but repeats what it wrote. */
const FULL = 13;

/** Of all databases of this process. @param chance whether this one is lost */
export function loseCommits(chance: () => boolean): LostCommits {
  let lost = 0;
  const end = insteadOfCommits((commit) => {
    commit();
    if (!chance()) return;
    lost += 1;
    throw full();
  });
  return {
    end,
    taken() {
      const count = lost;
      lost = 0;
      return count;
    },
  };
}

/** The same, and none is done while the disk is full. @returns its end */
export function refuseCommits(isFull: () => boolean): () => void {
  return insteadOfCommits((commit) => {
    if (isFull()) throw full();
    commit();
  });
}

function insteadOfCommits(work: (commit: () => void) => void): () => void {
  const whole = DatabaseSync.prototype.exec;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
    const exec = () => whole.call(this, sql);
    if (sql === "COMMIT") work(exec);
    else exec();
  };
  return () => {
    DatabaseSync.prototype.exec = whole;
  };
}

function full(): Error {
  return Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode: FULL });
}
