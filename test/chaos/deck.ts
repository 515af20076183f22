/** A deck of cards that is shuffled again whenever it is empty: each comes as often as it lies in it. */
import type { Dice } from "../../src/sandbox/random.ts";

export class Deck<T> {
  readonly #cards: readonly T[];
  readonly #dice: Dice;
  #left: T[] = [];

  constructor(cards: readonly T[], dice: Dice) {
    this.#cards = cards;
    this.#dice = dice;
  }

  draw(): T {
    if (this.#left.length === 0) this.#left = shuffled(this.#cards, this.#dice);
    return this.#left.pop()!;
  }

  /** It could not be played: it comes once more, after some others. */
  putBack(card: T): void {
    this.#left.splice(this.#dice.between(0, Math.max(0, this.#left.length - 1)), 0, card);
  }
}

function shuffled<T>(cards: readonly T[], dice: Dice): T[] {
  const left = [...cards];
  const deck: T[] = [];
  while (left.length > 0) deck.push(...left.splice(dice.between(0, left.length - 1), 1));
  return deck;
}
