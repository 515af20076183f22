/**
 * What plugin threads cost: memory of an idle one, and processor time per event through one and through ten.
 * `node bench/hosts.ts [events] [dist]`; with `dist` it measures the built files.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host, HostListener, Run } from "../src/daemon/host.ts";
import type * as Hosts from "../src/plugins/thread/hosts.ts";

const EVENTS = Number(process.argv[2] ?? 100_000);
const A_RUN = 500;
const from =
  process.argv[3] === "dist" ? "../dist/plugins/thread/hosts.js" : "../src/plugins/thread/hosts.ts";
const { openThreadHosts } = (await import(from)) as typeof Hosts;

const PLUGIN = `
import type { Registrar } from "callsheet";
export function registerCallbacks(reg: Registrar) { reg.registerCallback("script", "key", onEvent); }
let last = 0;
function onEvent(sg: { url: string }, logger: unknown, event: { id: number }) { last = event.id; if (last < 0) sg.url; }
`;

const folder = await mkdtemp(join(tmpdir(), "callsheet-bench-"));
const hosts = openThreadHosts({
  siteUrl: "https://studio.example",
  transport: { send: () => Promise.reject(new Error("not used")), close: async () => {} },
  siteTimeoutMs: 1000,
  memoryLimitBytes: 512e6,
  loadTimeoutMs: 60_000,
  useSessionUuid: true,
  logLevel: "info",
});
const runs = pageOfEvents();
let made = 0;

await memory();
for (const threads of [1, 10]) await throughput(threads);
await hosts.close();
await rm(folder, { recursive: true });

async function memory(): Promise<void> {
  const warm = await open(() => {});
  await warm.kill();
  const before = rss();
  const began = performance.now();
  const many = await Promise.all(Array.from({ length: 20 }, () => open(() => {})));
  const ms = performance.now() - began;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  console.log(
    `idle plugin: ${((rss() - before) / 20 / 1e6).toFixed(1)} MB, loaded in ${(ms / 20).toFixed(0)} ms`,
  );
  const one = JSON.stringify({ id: -1, created_at: "2026-11-01T08:00:00Z" });
  const item = { seq: 1, start: 0, end: one.length, callbacks: [0], redelivered: false };
  for (const host of many) host.hand({ items: [item], bytes: Buffer.from(one) });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  console.log(`idle plugin that has used sg: ${((rss() - before) / 20 / 1e6).toFixed(1)} MB`);
  await Promise.all(many.map((host) => host.stop()));
}

async function throughput(threads: number): Promise<void> {
  const done = Array.from({ length: threads }, () => Promise.withResolvers<void>());
  const feeders = await Promise.all(
    done.map(async ({ resolve }) => {
      let handed = 0;
      const handNext = () => {
        if (handed < EVENTS) host.hand(runFrom(handed + 1));
        handed += A_RUN;
      };
      const host = await open((seq) => {
        if (seq >= EVENTS) resolve();
        else if (seq % A_RUN === 0) handNext();
      });
      return { host, begin: () => [handNext(), handNext()] };
    }),
  );
  const cpu = process.cpuUsage();
  const mainBefore = process.threadCpuUsage();
  const began = performance.now();
  for (const { begin } of feeders) begin();
  await Promise.all(done.map(({ promise }) => promise));
  const seconds = (performance.now() - began) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  const main = process.threadCpuUsage(mainBefore);
  const deliveries = EVENTS * threads;
  console.log(
    `${threads} thread(s): ${Math.round(deliveries / seconds)} events/s, ` +
      `${((user + system) / deliveries).toFixed(2)} µs CPU per event, ` +
      `of it ${((main.user + main.system) / deliveries).toFixed(2)} µs in the main thread; RSS ${Math.round(rss() / 1e6)} MB`,
  );
  await Promise.all(feeders.map(({ host }) => host.stop()));
}

async function open(onProgress: (seq: number) => void): Promise<Host> {
  made += 1;
  const path = join(folder, `plugin${made}.ts`);
  const slot = join(folder, `slot${made}`);
  await writeFile(path, PLUGIN);
  await writeFile(slot, "");
  const listener: HostListener = {
    progress: ({ seq }) => onProgress(seq),
    failed: async () => "stop",
    log: ({ message }) => console.log(message),
    exited: ({ message }) => {
      throw new Error(message);
    },
  };
  return hosts.start({
    plugin: { path, name: `plugin${made}`, language: "typescript", folder: 0 },
    slot: { file: slot, epoch: 1 },
    listener,
    signal: new AbortController().signal,
  });
}

function runFrom(first: number): Run {
  return { ...runs, items: runs.items.map((item, i) => ({ ...item, seq: first + i })) };
}

function pageOfEvents(): Run {
  const callbacks = [0];
  const parts: Buffer[] = [];
  let at = 0;
  const items = Array.from({ length: A_RUN }, (_, i) => {
    const text = Buffer.from(
      JSON.stringify({
        type: "EventLogEntry",
        id: 4_000_000 + i,
        event_type: "Shotgun_Task_Change",
        attribute_name: "sg_status_list",
        meta: {
          type: "attribute_change",
          attribute_name: "sg_status_list",
          entity_type: "Task",
          entity_id: 15_000 + i,
          field_data_type: "status_list",
          old_value: "ip",
          new_value: "fin",
        },
        entity: { type: "Task", id: 15_000 + i, name: "Animation" },
        user: { type: "HumanUser", id: 42, name: "Artist Forty-Two" },
        project: { type: "Project", id: 70, name: "Demo: Animation" },
        session_uuid: "0d6b2b1e-7f0e-4d0a-9f1c-1a2b3c4d5e6f",
        created_at: "2026-11-01T08:00:00Z",
      }),
    );
    const start = at;
    at += text.length + 1;
    parts.push(text, Buffer.from(","));
    return { seq: 0, start, end: start + text.length, callbacks, redelivered: false };
  });
  return { items, bytes: Buffer.concat(parts) };
}

function rss(): number {
  return process.memoryUsage.rss();
}
