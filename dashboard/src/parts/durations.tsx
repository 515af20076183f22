/** How long a plugin's calls took over the last hours, and what was left waiting for it. */
import { useAnswer } from "../api/answer.ts";
import type { PluginSample } from "../api/shapes.ts";
import { Chart } from "./chart.tsx";

export function Durations({ plugin }: { plugin: string }) {
  const { answer } = useAnswer<{ samples: PluginSample[] }>(`/plugins/${encodeURIComponent(plugin)}/history`);
  if (!answer || answer.samples.length < 2) return null;
  const { samples } = answer;
  const times = samples.map(({ at }) => Date.parse(at) / 1000);
  return (
    <section>
      <h2>The last hours</h2>
      <div class="charts">
        <Chart
          title="A call takes, milliseconds"
          times={times}
          lines={[
            { label: "p50", color: "--accent-drawn", values: samples.map(({ p50Ms }) => p50Ms) },
            { label: "p95", color: "--warn-drawn", values: samples.map(({ p95Ms }) => p95Ms) },
          ]}
        />
        <Chart
          title="Calls a minute, and events that wait"
          times={times}
          lines={[
            { label: "calls", color: "--accent-drawn", values: samples.map(({ calls }) => calls) },
            { label: "backlog", color: "--bad-drawn", values: samples.map(({ backlog }) => backlog) },
          ]}
        />
      </div>
    </section>
  );
}
