/**
 * Catch-up: the daemon delivers every event of a site to N plugins that record each delivery, against the floor. Each is a
 * process of its own, timed from its start to its last event; the site is a third process and does not count.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type DaemonSetup, openDaemon } from "./daemon.ts";
import { residentMb, watchPeak } from "./processes.ts";
import { Standstill, standstillOf } from "./standstill.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export interface Measured {
  /** Wall-clock seconds. */
  seconds: number;
  cpuSeconds: number;
  /** Of them, those of the main thread. */
  mainCpuSeconds: number;
  peakMb: number;
}

export interface SiteInfo {
  url: string;
  scriptName: string;
  scriptKey: string;
  newestId: number;
}

export interface BenchSite {
  info: SiteInfo;
  process: ChildProcessByStdio<Writable, Readable, null>;
  close(): void;
}

/** @param delayMs how late each answer comes */
export async function openSite(events: number, delayMs = 0): Promise<BenchSite> {
  const child = spawn(process.execPath, [here("./site.ts"), String(events), String(delayMs)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const info = JSON.parse(line.toString()) as SiteInfo;
  return { info, process: child, close: () => child.kill("SIGTERM") };
}

export async function floor(site: SiteInfo): Promise<Measured> {
  const begun = performance.now();
  const child = spawn(process.execPath, [here("./floor.ts"), JSON.stringify(site)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const peak = watchPeak(child);
  await once(child, "exit");
  return measuredBy(peak, begun);
}

function measuredBy(peak: ReturnType<typeof watchPeak>, begun: number): Measured {
  const seconds = (performance.now() - begun) / 1000;
  return { seconds, cpuSeconds: peak.cpu(), mainCpuSeconds: peak.mainCpu(), peakMb: peak.mb() };
}

export interface CatchUp {
  site: SiteInfo;
  events: number;
  plugins: number;
  /** Default: "typescript". */
  language?: "typescript" | "python";
  /** Default: "independent". */
  order?: "independent" | "strict";
  /** Source of plugin number i; default: record everything. */
  source?: (i: number) => string;
  /** Told the address of the control API as soon as there is one. */
  onUrl?: (url: string) => void;
  /** Further keys of the configuration. */
  config?: object;
  /** Further options of the daemon's Node. */
  nodeOptions?: string[];
  /** Further variables of the daemon's environment. */
  env?: Record<string, string>;
  /** Called ten times on the way with the share of the first plugin's events that is done, and resident memory in MB. */
  onTheWay?: (share: number, mb: number) => void;
  /** Lines that plugin number i writes in all; it is not waited for when there is no telling. */
  expected?: (i: number) => number | null;
}

/** @throws Error when the daemon ends by itself, nothing is recorded any more, or the plugins did not record what they should */
export async function catchUp(run: CatchUp): Promise<Measured> {
  const begun = performance.now();
  const daemon = openDaemon(setupOf(run));
  try {
    const files = expectedOf(run).map(({ name, bytes }) => ({
      file: join(daemon.folder, "records", name),
      bytes,
    }));
    // one that ends before it has one is told of below
    daemon.url.then(run.onUrl, () => {});
    const peak = watchPeak(daemon.process);
    const standstill = new Standstill();
    let told = 0;
    for (;;) {
      const sizes = files.map(({ file }) => sizeOf(file));
      if (files.every(({ bytes }, i) => sizes[i]! >= bytes)) break;
      daemon.check();
      if (standstill.at(sizes.reduce((sum, size) => sum + size, 0)))
        throw new Error(standstillOf(lacking(files, sizes)));
      const share = sizes[0]! / files[0]!.bytes;
      if (share * 10 >= told + 1) run.onTheWay?.(++told / 10, residentMb(daemon.process));
      await wait(10);
    }
    const measured = measuredBy(peak, begun);
    await daemon.stop();
    check(files);
    return measured;
  } finally {
    await daemon.close();
  }
}

function setupOf(run: CatchUp): DaemonSetup {
  const { site, plugins, language = "typescript", order = "independent", config, nodeOptions, env } = run;
  const { source = language === "python" ? recordInPython : record } = run;
  const ending = language === "python" ? "py" : "ts";
  return {
    site,
    plugins: Object.fromEntries(
      Array.from({ length: plugins }, (_, i) => [`plugin${i}.${ending}`, source(i)]),
    ),
    config: { start: "earliest", order, ...config },
    ...(nodeOptions ? { nodeOptions } : {}),
    ...(env ? { env } : {}),
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function lacking(files: readonly { file: string; bytes: number }[], sizes: readonly number[]): string[] {
  return files.flatMap(({ file, bytes }, i) =>
    sizes[i]! < bytes ? [`plugin${basename(file)} has ${sizes[i]! / LINE} of ${bytes / LINE} events`] : [],
  );
}

function expectedOf({
  plugins,
  events,
  expected = () => events,
}: CatchUp): { name: string; bytes: number }[] {
  return Array.from({ length: plugins }, (_, i) => ({ name: String(i), lines: expected(i) }))
    .filter(({ lines }) => lines !== null)
    .map(({ name, lines }) => ({ name, bytes: lines! * LINE }));
}

export const LINE = 9;

/** Writes one line of nine bytes an event, at once. */
export function record(i: number, matchEvents = "null"): string {
  return `import { openSync, writeSync } from "node:fs";
import type { Registrar } from "callsheet";

const file = openSync(\`\${process.env.RECORDS}/${i}\`, "a");

export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("script", "key", (_sg, _logger, event) => {
    writeSync(file, \`\${String(event.id).padStart(8, "0")}\\n\`);
  }, ${matchEvents});
}
`;
}

/** The same in Python. */
export function recordInPython(i: number): string {
  return `import os

file = os.open(os.path.join(os.environ["RECORDS"], "${i}"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)

def on_event(sg, logger, event, args):
    os.write(file, b"%08d\\n" % event["id"])

def registerCallbacks(reg):
    reg.registerCallback("script", "key", on_event)
`;
}

/** Every record has ascending ids without repeats. */
function check(files: { file: string; bytes: number }[]): void {
  for (const { file, bytes } of files) {
    const text = readFileSync(file, "latin1");
    if (text.length !== bytes)
      throw new Error(`${file} has ${text.length / LINE} records instead of ${bytes / LINE}`);
    const ids = text.split("\n").slice(0, -1).map(Number);
    if (ids.some((id, i) => i > 0 && id <= ids[i - 1]!)) throw new Error(`${file} is out of order`);
  }
}
