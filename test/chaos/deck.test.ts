import { expect, it } from "vitest";
import { Dice } from "../../src/sandbox/random.ts";
import { Deck } from "./deck.ts";

it("each card comes as often as it lies in the deck, and one that is put back comes after some other", () => {
  const deck = new Deck(["a", "b", "b", "c"], new Dice(1));
  const draw = (count: number) => Array.from({ length: count }, () => deck.draw()).toSorted();
  expect(draw(4)).toEqual(["a", "b", "b", "c"]);
  expect(draw(4)).toEqual(["a", "b", "b", "c"]);
  const first = deck.draw();
  deck.putBack(first);
  const left = [deck.draw(), ...draw(3)];
  expect(left.toSorted()).toEqual(["a", "b", "b", "c"]);
  const last = new Deck(["only"], new Dice(1));
  last.putBack(last.draw());
  expect(last.draw()).toBe("only");
});
