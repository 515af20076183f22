/** The last hours: how late events were, how many came and were given, how the site answered. */
import { useAnswer } from "../api/answer.ts";
import { minutes } from "../api/live.ts";
import type { Sample } from "../api/shapes.ts";
import { Chart } from "./chart.tsx";
import { Hours, lastHours } from "./hours.tsx";

export function History() {
  const { answer } = useAnswer<{ samples: Sample[] }>("/history", minutes);
  if (!answer) return null;
  const samples = lastHours(answer.samples);
  const times = samples.map(({ at }) => Date.parse(at) / 1000);
  const of = (figure: "read" | "calls" | "backlog" | "lagMs" | "siteMs") =>
    samples.map((sample) => sample[figure]);
  return (
    <section>
      <Hours />
      {samples.length < 2 ? (
        <p class="quiet">The history begins a minute after the daemon's start.</p>
      ) : (
        <div class="charts">
          <Chart
            title="Lag"
            unit="ms"
            times={times}
            lines={[{ label: "oldest event waits", color: "--bad-drawn", values: of("lagMs") }]}
          />
          <Chart
            title="A minute"
            times={times}
            lines={[
              { label: "events", color: "--accent-drawn", values: of("read") },
              { label: "calls", color: "--warn-drawn", values: of("calls") },
            ]}
          />
          <Chart
            title="Backlog"
            times={times}
            lines={[{ label: "furthest behind", color: "--bad-drawn", values: of("backlog") }]}
          />
          <Chart
            title="Site"
            unit="ms"
            times={times}
            lines={[{ label: "answers in", color: "--accent-drawn", values: of("siteMs") }]}
          />
        </div>
      )}
    </section>
  );
}
