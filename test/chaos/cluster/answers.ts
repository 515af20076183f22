/**
 * ExecuteAndTimeout: of one in a hundred requests to the database, which does what it is asked, the answer never comes. Some are given up
 * by who asked, of others the connection breaks before.
 */
import type { Dice } from "../../../src/sandbox/random.ts";
import type { ClusterHost } from "./host.ts";
import { CALM_MS } from "./storm.ts";

const SHARE = 0.01;
const FIRST_MS = 50;

export class LostAnswers {
  /** Whether answers are lost at the moment. */
  on = false;
  count = 0;
  readonly #dice: Dice;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** Of this host's daemon, once it is up: one that starts says that it was not answered, and ends. */
  of({ lines, keeper }: ClusterHost): void {
    lines.database.loseBy(() => {
      if (!this.on || !keeper.daemon.up || !this.#dice.chance(SHARE)) return null;
      this.count += 1;
      return this.#dice.between(FIRST_MS, CALM_MS);
    });
  }
}
