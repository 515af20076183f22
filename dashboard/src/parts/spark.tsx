/** Calls of each plugin over the last hour, a bar a minute: is it at work, how much, and how unevenly. */
import { useMemo } from "preact/hooks";
import { useAnswer } from "../api/answer.ts";
import { minutes } from "../api/live.ts";
import type { LastHour } from "../api/shapes.ts";
import { compact } from "../format.ts";

const BARS = 61;
const RATE_OVER = 5;

/** By lane id. */
export type LastHours = ReadonlyMap<string, readonly number[]>;

export function useLastHours(): LastHours {
  const { answer } = useAnswer<{ plugins: LastHour[] }>("/history/plugins", minutes);
  return useMemo(() => new Map(answer?.plugins.map(({ id, calls }) => [id, calls])), [answer]);
}

/** Calls a minute, over the last five that are complete; null: there is none yet. */
export function rateOf(calls: readonly number[] | undefined): number | null {
  const last = calls?.slice(0, -1).slice(-RATE_OVER) ?? [];
  return last.length === 0 ? null : last.reduce((sum, each) => sum + each, 0) / last.length;
}

export function Spark({ calls = NONE }: { calls?: readonly number[] | undefined }) {
  const sum = calls.reduce((total, each) => total + each, 0);
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${BARS * WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${compact(sum)} calls in the last hour`}
    >
      <path d={drawingOf(calls)} />
    </svg>
  );
}

const NONE: readonly number[] = [];
const WIDTH = 2;
const HEIGHT = 20;
/** A page may have hundreds, and is told of changes all the time. */
const drawings = new WeakMap<readonly number[], string>();

/** A line along the bottom, and a bar for each minute with calls. */
function drawingOf(calls: readonly number[]): string {
  const known = drawings.get(calls);
  if (known !== undefined) return known;
  const most = Math.max(1, ...calls);
  const begin = BARS - calls.length;
  const bars = calls.map((each, index) => {
    if (each === 0) return "";
    const height = Math.max(1, Math.round((HEIGHT * each) / most));
    return `M${(begin + index) * WIDTH} ${HEIGHT}v-${height}h1.5v${height}z`;
  });
  const drawing = `M0 ${HEIGHT}v-0.5h${BARS * WIDTH}v0.5z${bars.join("")}`;
  drawings.set(calls, drawing);
  return drawing;
}
