/** Figures over time, drawn by uPlot in the page's colours; the words above say what they are now, or where the pointer is. */
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { compact, duration, hourAndMinute } from "../format.ts";

export interface Line {
  label: string;
  /** Name of a colour in page.css. */
  color: string;
  values: (number | null)[];
}

export interface ChartProps {
  title: string;
  /** Seconds since 1970, ascending. */
  times: number[];
  lines: Line[];
  /** `ms`: values are durations. Default: they are counts. */
  unit?: "count" | "ms";
}

const TEXT = { count: compact, ms: duration };

export function Chart({ title, times, lines, unit = "count" }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const data: uPlot.AlignedData = [times, ...lines.map(({ values }) => values)];
  useEffect(() => {
    const place = frame.current!;
    const options = optionsOf(lines, unit, place);
    options.hooks = { setCursor: [({ cursor }) => setPointed(cursor.idx ?? null)] };
    plot.current = new uPlot(options, data, place);
    const watch = new ResizeObserver(() =>
      plot.current?.setSize({ width: place.clientWidth, height: HEIGHT }),
    );
    watch.observe(place);
    // colours are drawn, not styled: another scheme needs another drawing
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const redraw = () => plot.current?.redraw();
    scheme.addEventListener("change", redraw);
    return () => {
      watch.disconnect();
      scheme.removeEventListener("change", redraw);
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(data), [times]);
  const textAt = (values: Line["values"], index: number) => {
    const value = values.at(index);
    return value === null || value === undefined ? "–" : TEXT[unit](value);
  };
  const now = lines.map(({ label, values }) => `${label} ${textAt(values, -1)}`).join(", ");
  return (
    <figure class="panel">
      <figcaption>
        {title}
        <span class="legend" aria-hidden="true">
          {lines.map(({ label, color, values }) => (
            <span key={label}>
              <i class={color.slice(2)} /> {label} <b>{textAt(values, pointed ?? -1)}</b>
            </span>
          ))}
          {pointed !== null && <span>{hourAndMinute(times[pointed] ?? 0)}</span>}
        </span>
      </figcaption>
      <div ref={frame} class="chart" role="img" aria-label={`${title}; now ${now}`} />
    </figure>
  );
}

const HEIGHT = 150;
const MINUTE = 60;
/** Steps between two marks of the time, in seconds. */
const STEPS = [1, 5, 15, 30, 60, 120, 240].map((minutes) => minutes * MINUTE);
/** Steps between two marks of a count. */
const COUNT_STEPS = Array.from({ length: 10 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat();
/** Steps between two marks of a duration, in milliseconds. */
const MS_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200, 86_400, 604_800].map(
    (seconds) => seconds * 1000,
  ),
];

function optionsOf(lines: readonly Line[], unit: "count" | "ms", place: Element): uPlot.Options {
  const color = (name: string) => getComputedStyle(place).getPropertyValue(name).trim();
  const axis = {
    stroke: () => color("--faint-drawn"),
    grid: { stroke: () => color("--line-drawn"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: place.clientWidth,
    height: HEIGHT,
    // the charts of a page point at the same minute
    cursor: { y: false, sync: { key: "minutes" }, points: { size: 5 } },
    legend: { show: false },
    axes: [
      { ...axis, size: 26, gap: 4, incrs: STEPS, values: (_plot, ticks) => ticks.map(hourAndMinute) },
      {
        ...axis,
        size: 54,
        gap: 4,
        incrs: unit === "ms" ? MS_STEPS : COUNT_STEPS,
        values: (_plot, ticks) => ticks.map(TEXT[unit]),
      },
    ],
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(4, most * 1.1)] } },
    series: [
      {},
      ...lines.map(({ color: name }) => ({
        stroke: () => color(name),
        fill: () => `color-mix(in srgb, ${color(name)} 12%, transparent)`,
        width: 1.5,
        points: { show: false },
      })),
    ],
  };
}
