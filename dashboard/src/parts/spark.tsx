/** Calls of one plugin since the page was opened, a bar for each few seconds: is it at work, and how unevenly. */
import { signal } from "@preact/signals";
import { onUpdate } from "../api/live.ts";

const BAR_MS = 5000;
const BARS = 60;

interface Bars {
  /** Number of the newest bar, counted in `BAR_MS` since 1970. */
  newest: number;
  calls: number[];
  total: number;
}

const known = new Map<string, Bars>();
const turn = signal(0);

onUpdate(({ at, plugins }) => {
  const newest = Math.floor(Date.parse(at) / BAR_MS);
  for (const { name, calls } of plugins) {
    const bars = known.get(name) ?? { newest, calls: [], total: calls };
    shift(bars, newest);
    bars.calls[BARS - 1] = (bars.calls[BARS - 1] ?? 0) + Math.max(0, calls - bars.total);
    bars.total = calls;
    known.set(name, bars);
  }
  for (const bars of known.values()) shift(bars, newest);
  turn.value += 1;
});

function shift(bars: Bars, newest: number): void {
  const steps = Math.min(BARS, newest - bars.newest);
  if (steps <= 0) return;
  bars.calls = [...bars.calls.slice(steps), ...Array<number>(steps).fill(0)].slice(-BARS);
  bars.newest = newest;
}

export function Spark({ plugin }: { plugin: string }) {
  // drawn anew with each update
  void turn.value;
  const calls = known.get(plugin)?.calls ?? [];
  const most = Math.max(1, ...calls.filter(Number.isFinite));
  const sum = calls.reduce((total, each) => total + (each || 0), 0);
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${BARS * 2} 20`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${sum} calls in the last minutes`}
    >
      {calls.map((each, index) =>
        each ? (
          <rect
            key={index}
            x={index * 2}
            y={20 - (20 * each) / most}
            width="1.5"
            height={(20 * each) / most}
          />
        ) : null,
      )}
    </svg>
  );
}
