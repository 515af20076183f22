/**
 * Metrics in the text format of Prometheus, put together when they are asked for from what the daemon counts anyway. Labels are
 * bounded: plugins, callbacks, and fixed words; never an event, a message or a user.
 */
import { collectDefaultMetrics, Registry } from "prom-client";
import type { Answers } from "../daemon/answers/answers.ts";
import type { Daemon } from "../daemon/daemon.ts";
import { daemonMetrics } from "./daemon-metrics.ts";
import type { DoorbellFigures } from "./doorbell.ts";
import { Happened } from "./happened.ts";
import { histogram } from "./histogram.ts";
import type { Live } from "./live.ts";
import { counters, gauges } from "./metric-kinds.ts";
import { pluginMetrics } from "./plugin-metrics.ts";

export interface MetricsParts {
  daemon: Pick<Daemon, "status" | "plugin" | "memory" | "happenings">;
  answers: Answers;
  live: Live;
  doorbell: DoorbellFigures | null;
  version: string;
}

export interface Metrics {
  contentType: string;
  text(): Promise<string>;
}

/** The library's gauges that are called like counters, which checkers refuse; each is the sum of one that stays. */
const MISNAMED = ["active_resources_total", "active_handles_total", "active_requests_total"];

export function openMetrics(parts: MetricsParts): Metrics {
  const registry = new Registry();
  const happened = new Happened(parts.daemon.happenings);
  collectDefaultMetrics({ register: registry, prefix: "callsheet_" });
  for (const name of MISNAMED) registry.removeSingleMetric(`callsheet_nodejs_${name}`);
  return {
    contentType: registry.contentType,
    async text() {
      const taken = new Registry();
      daemonMetrics(parts, gauges(taken), counters(taken));
      await pluginMetrics(parts, happened, taken);
      const { siteRequests } = parts.daemon.status();
      histogram(
        taken,
        "site_request_duration_seconds",
        "How long requests to the site take, by who asked and how they ended.",
        siteRequests.map(({ by, outcome, ...times }) => ({ labels: { by, outcome }, ...times })),
      );
      return (await registry.metrics()) + (await taken.metrics());
    },
  };
}
