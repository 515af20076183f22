/** ExecuteAndTimeout on SQLite: now and then a commit is done, and reported as failed. */
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
  const whole = DatabaseSync.prototype.exec;
  let lost = 0;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
    whole.call(this, sql);
    if (sql !== "COMMIT" || !chance()) return;
    lost += 1;
    throw Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode: FULL });
  };
  return {
    taken() {
      const count = lost;
      lost = 0;
      return count;
    },
    end() {
      DatabaseSync.prototype.exec = whole;
    },
  };
}
