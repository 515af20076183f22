/**
 * Catch-up: the daemon delivers every event of a site to N plugins that record each delivery, against the floor. Each is a
 * process of its own, timed from its start to its last event; the site is a third process and does not count.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { python, residentMb, watchPeak } from "./processes.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export interface Measured {
  /** Wall-clock seconds. */
  seconds: number;
  cpuSeconds: number;
  peakMb: number;
}

export interface SiteInfo {
  url: string;
  scriptName: string;
  scriptKey: string;
  newestId: number;
}

export async function openSite(events: number): Promise<{ info: SiteInfo; close(): void }> {
  const child = spawn(process.execPath, [here("./site.ts"), String(events)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { info: JSON.parse(line.toString()) as SiteInfo, close: () => child.kill("SIGTERM") };
}

export async function floor(site: SiteInfo): Promise<Measured> {
  const begun = performance.now();
  const child = spawn(process.execPath, [here("./floor.ts"), JSON.stringify(site)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const peak = watchPeak(child);
  await once(child, "exit");
  return { seconds: (performance.now() - begun) / 1000, cpuSeconds: peak.cpu(), peakMb: peak.mb() };
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
  /** Further variables of the daemon's environment. */
  env?: Record<string, string>;
  /** Called ten times on the way with the share of the first plugin's events that is done, and resident memory in MB. */
  onTheWay?: (share: number, mb: number) => void;
  /** Lines that plugin number i writes in all. */
  expected?: (i: number) => number;
}

/** @throws Error when the daemon ends by itself or the plugins did not record what they should */
export async function catchUp(run: CatchUp): Promise<Measured> {
  const folder = mkdtempSync(join(process.env.BENCH_TMP ?? tmpdir(), "callsheet-bench-"));
  try {
    const files = prepare(folder, run);
    const begun = performance.now();
    const child = spawn(
      process.execPath,
      [here("../dist/cli/main.js"), "run", "--config", join(folder, "callsheet.config.json")],
      {
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, ...run.env, RECORDS: join(folder, "records") },
      },
    );
    let log = "";
    let url: string | undefined;
    let told = 0;
    child.stdout!.on("data", (text: Buffer) => {
      log = (log + text).slice(-4000);
      if (url !== undefined) return;
      url = /"url":"(http:[^"]+)"/.exec(log)?.[1];
      if (url !== undefined) run.onUrl?.(url);
    });
    const peak = watchPeak(child);
    while (!files.every(({ file, bytes }) => existsSync(file) && statSync(file).size >= bytes)) {
      if (child.exitCode !== null) throw new Error(`the daemon ended by itself:\n${log}`);
      const share = existsSync(files[0]!.file) ? statSync(files[0]!.file).size / files[0]!.bytes : 0;
      if (share * 10 >= told + 1) run.onTheWay?.(++told / 10, residentMb(child));
      await wait(10);
    }
    const seconds = (performance.now() - begun) / 1000;
    const measured = { seconds, cpuSeconds: peak.cpu(), peakMb: peak.mb() };
    child.kill("SIGTERM");
    await once(child, "exit");
    check(files);
    return measured;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function prepare(
  folder: string,
  { site, plugins, language = "typescript", order = "independent", events, ...more }: CatchUp,
) {
  const { source = language === "python" ? recordInPython : record, expected } = more;
  mkdirSync(join(folder, "plugins"));
  mkdirSync(join(folder, "records"));
  const { url, scriptName, scriptKey } = site;
  writeFileSync(
    join(folder, "callsheet.config.json"),
    JSON.stringify({
      site: { url, scriptName, scriptKey },
      start: "earliest",
      order,
      server: { port: 0 },
      state: join(folder, "state"),
      python: { interpreter: python() },
    }),
  );
  return Array.from({ length: plugins }, (_, i) => {
    writeFileSync(join(folder, "plugins", `plugin${i}${language === "python" ? ".py" : ".ts"}`), source(i));
    return { file: join(folder, "records", String(i)), bytes: (expected?.(i) ?? events) * LINE };
  });
}

const LINE = 9;

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
