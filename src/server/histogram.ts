/** Histograms of counts that were made elsewhere, which the library's own cannot take. */
import type { MetricObject, Registry } from "prom-client";
import { CALL_BUCKETS_MS } from "../call-times.ts";

export interface HistogramSeries {
  labels: Record<string, string>;
  requests: number;
  /** In all. */
  ms: number;
  /** By duration; see `CALL_BUCKETS_MS`, with one more at the end. */
  counts: readonly number[];
}

export function histogram(
  registry: Registry,
  shortName: string,
  help: string,
  series: readonly HistogramSeries[],
): void {
  const name = `callsheet_${shortName}`;
  const values = series.flatMap(({ labels, requests, ms, counts }) => {
    let sum = 0;
    const buckets = CALL_BUCKETS_MS.map((limit, bucket) => {
      sum += counts[bucket]!;
      return { metricName: `${name}_bucket`, labels: { ...labels, le: String(limit / 1000) }, value: sum };
    });
    return [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { ...labels, le: "+Inf" }, value: requests },
      { metricName: `${name}_sum`, labels, value: ms / 1000 },
      { metricName: `${name}_count`, labels, value: requests },
    ];
  });
  const metric = { name, help, type: "histogram", values, aggregator: "sum" };
  registry.registerMetric({ name, get: async () => metric as unknown as MetricObject } as never);
}
