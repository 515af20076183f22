/** What became of an event, over all plugins. */
import type { EventAnswer, ListedEvent } from "../api/shapes.ts";

type Outcome = EventAnswer["plugins"][number]["outcome"];

const TONES: Partial<Record<Outcome, string>> = {
  delivered: "good",
  failed: "bad",
  skipped: "warn",
  waiting: "warn",
  dropped: "bad",
};

export const fateTone = (outcome: Outcome): string => TONES[outcome] ?? "idle";

export const fateText = (outcome: Outcome): string => outcome.replaceAll("_", " ");

export function FateMark({ outcome }: { outcome: Outcome }) {
  return <span class={`mark ${fateTone(outcome)}`}>{fateText(outcome)}</span>;
}

/** Worst first; those that did not want it are left out. */
const SHOWN: readonly Outcome[] = ["failed", "dropped", "waiting", "skipped", "delivered"];

/** @param outcomes undefined: not known yet */
export function Fates({ outcomes }: { outcomes: ListedEvent["outcomes"] | undefined }) {
  if (!outcomes) return <span class="quiet">…</span>;
  const counted = SHOWN.map((outcome) => {
    return { outcome, number: outcomes.filter((each) => each.outcome === outcome).length };
  }).filter(({ number }) => number > 0);
  if (counted.length === 0) return <span class="quiet">none wants it</span>;
  return (
    <>
      {counted.map(({ outcome, number }) => (
        <span key={outcome} class={`fate ${fateTone(outcome)}`}>
          {number} {fateText(outcome)}
        </span>
      ))}
    </>
  );
}
