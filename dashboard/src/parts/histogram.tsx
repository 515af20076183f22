/** How long calls took: a bar for each bucket that any call fell into, and those between. */
import { compact, duration } from "../format.ts";

export function Histogram({ limits, counts }: { limits: readonly number[]; counts: readonly number[] }) {
  const first = counts.findIndex((each) => each > 0);
  const last = counts.findLastIndex((each) => each > 0);
  const shown = counts
    .slice(first, last + 1)
    .map((calls, index) => ({ calls, label: labelOf(limits, first + index) }));
  const most = Math.max(...shown.map(({ calls }) => calls));
  return (
    <table class="histogram">
      <caption>Durations</caption>
      <tbody>
        {shown.map(({ label, calls }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td>
              <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <rect width={(100 * calls) / most} height="10" />
              </svg>
            </td>
            <td class="figure">{compact(calls)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function labelOf(limits: readonly number[], index: number): string {
  const upper = limits[index];
  return upper === undefined ? `over ${duration(limits.at(-1))}` : `up to ${duration(upper)}`;
}
