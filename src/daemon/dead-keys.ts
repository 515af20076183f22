/** Keys of `matchEvents` that look like patterns: they match nothing, as with the Python daemon. */
import type { CallbackInfo } from "./host.ts";

/** A sentence for each, without its plugin. */
export function deadKeys(callbacks: readonly Pick<CallbackInfo, "name" | "matchEvents">[]): string[] {
  return callbacks.flatMap(({ name, matchEvents }) =>
    Object.keys(matchEvents ?? {})
      .filter((key) => key !== "*" && key.includes("*"))
      .map(
        (key) =>
          `${name} gets no event for ${JSON.stringify(key)}: a key of matchEvents is a whole event type, such as "Shotgun_Task_Change", or "*" alone for all`,
      ),
  );
}
