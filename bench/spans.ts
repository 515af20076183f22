/**
 * What spans of OpenTelemetry cost: the same catch-up without an SDK, with one that samples nothing, and with one that makes every span and
 * throws it away. Rounds of all three by turns; the medians of CPU as ratios to the first. Needs `npm run build`. Linux only.
 *
 *     node bench/spans.ts [EVENTS] [ROUNDS]
 */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catchUp, openSite } from "./catch-up.ts";

const EVENTS = Number(process.argv[2] ?? 50_000);
const ROUNDS = Number(process.argv[3] ?? 3);

const sdk = (sampler: string) => `
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { AlwaysOffSampler, AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
const exporter = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => {} };
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(
  new TracerProvider({ sampler: new ${sampler}(), spanProcessors: [new BatchSpanProcessor({ exporter })] }),
);`;

const folder = mkdtempSync(join(tmpdir(), "callsheet-spans-"));
symlinkSync(join(import.meta.dirname, "../node_modules"), join(folder, "node_modules"));
const modes: Record<string, string | null> = { "no SDK": null };
for (const [name, sampler] of Object.entries({ sampled: "AlwaysOnSampler", unsampled: "AlwaysOffSampler" })) {
  modes[name] = join(folder, `${name}.mjs`);
  writeFileSync(modes[name], sdk(sampler));
}
const site = await openSite(EVENTS);
const cpu = new Map<string, number[]>();
try {
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, file] of Object.entries(modes)) {
      const env = file === null ? {} : { NODE_OPTIONS: `--import=${file}` };
      const { cpuSeconds } = await catchUp({ site: site.info, events: EVENTS, plugins: 1, env });
      cpu.set(name, [...(cpu.get(name) ?? []), cpuSeconds]);
    }
  }
} finally {
  site.close();
  rmSync(folder, { recursive: true });
}
const median = (figures: number[]) => figures.sort((a, b) => a - b)[figures.length >> 1]!;
const base = median(cpu.get("no SDK")!);
for (const [name, figures] of cpu) {
  const seconds = median(figures);
  console.log(
    `${name.padEnd(12)} ${(seconds / base).toFixed(2)}x  ${seconds.toFixed(2)} s CPU for ${EVENTS} events`,
  );
}
