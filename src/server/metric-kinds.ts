/** How a metric is given to the library: all values at once, as they are when somebody asks. */
import { Counter, Gauge, type Registry } from "prom-client";

export type Labels = Record<string, string>;
/** The value, or values with their labels. */
export type Reading = number | null | [Labels, number][];

export type Add = (name: string, help: string, reading: Reading) => void;

export const gauges = (registry: Registry): Add => adder(registry, Gauge);
export const counters = (registry: Registry): Add => adder(registry, Counter);

function adder(registry: Registry, Kind: typeof Gauge | typeof Counter): Add {
  return (name, help, reading) => {
    const values: [Labels, number][] = Array.isArray(reading)
      ? reading
      : reading === null
        ? []
        : [[{}, reading]];
    const labelNames = Object.keys(values[0]?.[0] ?? {});
    const metric = new Kind({ name: `callsheet_${name}`, help, labelNames, registers: [registry] });
    if (labelNames.length > 0) metric.reset();
    for (const [labels, value] of values) metric.inc(labels, value);
  };
}
