/** ExecuteAndTimeout: now and then the database does what it is asked, and the answer never comes. */
import pg from "pg";
import type { Dice } from "../../../src/sandbox/random.ts";

export interface LostAnswers {
  /** How many were lost since the last asking. */
  taken(): number;
  end(): void;
}

type Query = (...args: unknown[]) => unknown;

/** Of so large a share of all statements that this process sends while `losing`. */
export function loseAnswers(dice: Dice, share: number, losing: () => boolean): LostAnswers {
  const whole = pg.Client.prototype.query as Query;
  let lost = 0;
  const timedOut = () => {
    lost += 1;
    return new Error("Query read timeout");
  };
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    if (!losing() || !dice.chance(share)) return whole.apply(this, args);
    const told = args.at(-1);
    if (typeof told === "function")
      return whole.apply(this, [
        ...args.slice(0, -1),
        (error: Error | null, result: unknown) => told(error ?? timedOut(), error ? result : undefined),
      ]);
    return (whole.apply(this, args) as Promise<unknown>).then(() => {
      throw timedOut();
    });
  } as typeof pg.Client.prototype.query;
  return {
    taken() {
      const count = lost;
      lost = 0;
      return count;
    },
    end() {
      pg.Client.prototype.query = whole as typeof pg.Client.prototype.query;
    },
  };
}
