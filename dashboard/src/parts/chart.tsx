/** Figures over time, drawn by uPlot in the page's colours; a table for those who cannot see it is the caller's. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { compact, hourAndMinute } from "../format.ts";

export interface Line {
  label: string;
  /** Name of a colour in page.css. */
  color: string;
  values: (number | null)[];
}

/** @param times seconds since 1970, ascending */
export function Chart({ title, times, lines }: { title: string; times: number[]; lines: Line[] }) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data: uPlot.AlignedData = [times, ...lines.map(({ values }) => values)];
  useEffect(() => {
    const place = frame.current!;
    plot.current = new uPlot(optionsOf(lines, place), data, place);
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
  const last = lines.map(({ label, values }) => `${label} ${compact(values.at(-1) ?? 0)}`).join(", ");
  return (
    <figure class="panel">
      <figcaption>{title}</figcaption>
      <div ref={frame} class="chart" role="img" aria-label={`${title}; now ${last}`} />
    </figure>
  );
}

const HEIGHT = 170;
/** Steps between two marks of the time, in seconds. */
const MINUTES = [1, 5, 15, 30, 60, 120, 240].map((minutes) => minutes * 60);

function optionsOf(lines: readonly Line[], place: Element): uPlot.Options {
  const color = (name: string) => () => getComputedStyle(place).getPropertyValue(name).trim();
  const axis = {
    stroke: color("--faint-drawn"),
    grid: { stroke: color("--line-drawn"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: place.clientWidth,
    height: HEIGHT,
    cursor: { y: false },
    legend: { live: true },
    axes: [
      { ...axis, size: 34, incrs: MINUTES, values: (_plot, ticks) => ticks.map(hourAndMinute) },
      { ...axis, size: 58, values: (_plot, ticks) => ticks.map(compact) },
    ],
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] } },
    series: [
      { label: "at", value: (_plot, at) => (at === null ? "–" : hourAndMinute(at)) },
      ...lines.map(({ label, color: name }) => ({
        label,
        stroke: color(name),
        width: 2,
        points: { show: false },
        value: (_plot: uPlot, value: number | null) => (value === null ? "–" : compact(value)),
      })),
    ],
  };
}
