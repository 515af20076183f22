/** How long a plugin's calls took over the last hours, and what was left waiting for it. */
import { useAnswer } from "../api/answer.ts";
import { minutes } from "../api/live.ts";
import type { PluginSample } from "../api/shapes.ts";
import { Chart } from "./chart.tsx";
import { Hours, lastHours } from "./hours.tsx";
import { pluginPath } from "./plugin-link.tsx";

export function Durations({ plugin }: { plugin: string }) {
  const { answer } = useAnswer<{ samples: PluginSample[] }>(`${pluginPath(plugin)}/history`, minutes);
  if (!answer || answer.samples.length < 2) return null;
  const samples = lastHours(answer.samples);
  const times = samples.map(({ at }) => Date.parse(at) / 1000);
  const of = (figure: "p50Ms" | "p95Ms" | "calls" | "backlog") => samples.map((sample) => sample[figure]);
  return (
    <section>
      <Hours />
      <div class="charts">
        <Chart
          title="A call takes"
          unit="ms"
          times={times}
          lines={[
            { label: "p50", color: "--accent-drawn", values: of("p50Ms") },
            { label: "p95", color: "--warn-drawn", values: of("p95Ms") },
          ]}
        />
        <Chart
          title="A minute"
          times={times}
          lines={[{ label: "calls", color: "--accent-drawn", values: of("calls") }]}
        />
        <Chart
          title="Backlog"
          times={times}
          lines={[{ label: "events wait", color: "--bad-drawn", values: of("backlog") }]}
        />
      </div>
    </section>
  );
}
