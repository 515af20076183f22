/** "Did you mean …?": the known name that a mistyped one was most likely meant to be. */

/** The name with the fewest typing mistakes from `given`, or null when none is near enough to be worth naming. */
export function closest(given: string, names: readonly string[]): string | null {
  const wanted = given.toLowerCase();
  let best: string | null = null;
  let fewest = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    const mistakes = typingMistakes(wanted, name.toLowerCase());
    if (mistakes < fewest) [best, fewest] = [name, mistakes];
  }
  return best;
}

/** Letters to insert, drop, replace or swap with their neighbour to get from one word to the other. */
function typingMistakes(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 20) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(current[column - 1]! + 1, last[column]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length]!;
}
