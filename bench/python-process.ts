/** What a Python plugin's process costs: how long a reload takes until it is ready, and its memory. `node bench/python-process.ts` */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host, HostListener } from "../src/daemon/host.ts";
import type * as Hosts from "../src/plugins/python/hosts.ts";
import { childrenOf, python, residentMb } from "./processes.ts";

const ROUNDS = 11;
const PROCESSES = 10;

const PLUGIN = `def on_event(sg, logger, event, args):
    logger.debug("%d", event["id"])

def registerCallbacks(reg):
    reg.registerCallback("script", "key", on_event)
`;

/** Sentences. */
export async function pythonProcesses(): Promise<string[]> {
  const found: string[] = [];
  const { openPythonHosts } = (await import("../dist/plugins/python/hosts.js" as string)) as typeof Hosts;
  const folder = mkdtempSync(join(tmpdir(), "callsheet-bench-"));
  const path = join(folder, "plugin.py");
  const slot = join(folder, "slot");
  const interpreter = python();
  const hosts = openPythonHosts({
    pythonOf: () => ({ interpreter, path: [], group: "plugin", cwd: null, umask: null }),
    site: { url: "https://studio.example", timeoutMs: 1000, httpProxy: null, caCerts: null },
    transport: { send: () => Promise.reject(new Error("not used")), close: async () => {} },
    memoryLimitBytes: 512e6,
    loadTimeoutMs: 60_000,
    loadAgainAfterMs: null,
    siteIsAway: async () => false,
    useSessionUuid: true,
    logLevel: "info",
  });
  const done = new Set<() => void>();
  const start = () =>
    hosts.start({
      plugin: { path, name: "plugin", language: "python", folder: 0 },
      slot: { file: slot, epoch: 1 },
      listener: {
        ...LISTENER,
        progress: () => {
          for (const told of done) told();
        },
      },
      signal: new AbortController().signal,
    });
  writeFileSync(path, PLUGIN);
  writeFileSync(slot, "");
  try {
    const times: number[] = [];
    let host = await start();
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = performance.now();
      await host.stop();
      host = await start();
      times.push(performance.now() - began);
    }
    await host.stop();
    times.sort((one, other) => one - other);
    found.push(
      `A reload is ready in ${times[ROUNDS >> 1]!.toFixed(0)} ms (median), ${times.at(-1)!.toFixed(0)} ms at most.`,
    );
    const many: Host[] = [];
    for (let i = 0; i < PROCESSES; i += 1) many.push(await start());
    found.push(`A process holds ${memory()} MB before its first event.`);
    for (const one of many) await handOne(one, done);
    found.push(`It holds ${memory()} MB after it, with the stand-in for shotgun_api3.`);
    return found;
  } finally {
    await hosts.close();
    rmSync(folder, { recursive: true });
  }
}

const LISTENER: HostListener = {
  progress() {},
  failed: async ({ error }) => {
    console.log(error.stack);
    return "stop";
  },
  log: ({ message }) => console.log(message),
  exited: ({ message }) => {
    throw new Error(message);
  },
};

function handOne(host: Host, done: Set<() => void>): Promise<void> {
  const text = Buffer.from(JSON.stringify({ id: 7, session_uuid: null, created_at: "2026-11-01T08:00:00Z" }));
  return new Promise((resolve) => {
    const told = () => {
      done.delete(told);
      resolve();
    };
    done.add(told);
    host.hand({
      items: [{ seq: 1, start: 0, end: text.length, callbacks: [0], redelivered: false }],
      bytes: text,
    });
  });
}

/** The mean of the python processes that are there. */
function memory(): string {
  const each = childrenOf(process.pid)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("boot.py"))
    .map((pid) => residentMb({ pid }));
  return (each.reduce((sum, mb) => sum + mb, 0) / each.length).toFixed(1);
}

if (import.meta.main) console.log((await pythonProcesses()).join("\n"));
