/** The last hours: how much was read and delivered, and what was left waiting. */
import { useAnswer } from "../api/answer.ts";
import type { Sample } from "../api/shapes.ts";
import { Chart } from "./chart.tsx";

export function History() {
  const { answer } = useAnswer<{ samples: Sample[] }>("/history");
  if (!answer) return null;
  const { samples } = answer;
  const times = samples.map(({ at }) => Date.parse(at) / 1000);
  const of = (figure: "read" | "calls" | "backlog" | "siteMs") => samples.map((sample) => sample[figure]);
  if (samples.length < 2) return <p class="quiet">The history begins a minute after the daemon's start.</p>;
  return (
    <div class="charts">
      <Chart
        title="A minute"
        times={times}
        lines={[
          { label: "events read", color: "--accent-drawn", values: of("read") },
          { label: "calls", color: "--warn-drawn", values: of("calls") },
        ]}
      />
      <Chart
        title="Events that wait for the plugin furthest behind"
        times={times}
        lines={[{ label: "backlog", color: "--bad-drawn", values: of("backlog") }]}
      />
      <Chart
        title="Site's answers, milliseconds"
        times={times}
        lines={[{ label: "took", color: "--accent-drawn", values: of("siteMs") }]}
      />
    </div>
  );
}
