/**
 * What each part of an event's way costs, from CPU profiles of the daemon's main thread and of one plugin's thread. A profile counts the time in which
 * a thread stands in a part, waiting for the disk included.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catchUp, openSite, record, type SiteInfo } from "../catch-up.ts";
import { type Parts, timeByPart } from "../profile.ts";
import { table } from "../results.ts";
import type { Scenario } from "./scenario.ts";

const MAIN: Parts = [
  ["(garbage collection)", /\(garbage collector\)$/],
  [
    "(starting)",
    /internal\/modules\/|internal\/bootstrap|compileForInternalLoader|node_modules\/(zod|fastify|commander)\//,
  ],
  ["journal: append", /journal\/sqlite\/append\.js/],
  [
    "cursor: what was handed over, in one transaction for all lanes",
    /journal\/sqlite\/(hand-over|commits|lane-)/,
  ],
  ["journal: read", /journal\/(sqlite\/(read|journal)|recent|pages)/],
  ["fetch: HTTP", /node_modules\/undici|client\/http|client\/gate|node:(net|internal\/stream)/],
  ["parse: reply to events", /client\/|daemon\/(wire-event|site-log)\.js/],
  [
    "reader: position, gaps, questions",
    /daemon\/(reader|questions|read-position|gaps|site-contact|anchor)\.js/,
  ],
  [
    "hand-over: matching, packing, posting; progress coming back",
    /daemon\/(feed|lane|matching|handed|figures|trouble|policy|order)|plugins\//,
  ],
  ["live updates, metrics, log", /server\/|\/log\/|pino|happenings\.js/],
];

const THREAD: Parts = [
  ["(garbage collection)", /\(garbage collector\)$/],
  ["cursor: the slot, before and after each event", /journal\/slot\.js/],
  ["callback: the plugin's own code", /plugin0|RECORDS/],
  ["hand-over: unpacking, calling, telling", /plugins\//],
];

export const partsScenario: Scenario = {
  name: "parts",
  title: "Where the time goes",
  async run({ events }) {
    const site = await openSite(events);
    try {
      const one = await profiled(site.info, events, 1);
      const ten = await profiled(site.info, events, 10);
      const tables = [
        section("The main thread", one.main, ten.main, events),
        section("One plugin's thread", one.thread, ten.thread, events),
      ];
      console.log(tables.join("\n\n"));
      return `Microseconds an event (of the site, not a delivery), ${events} events, from profiles that cost some time themselves; with one plugin and with ten.\n\n${tables.join("\n\n")}`;
    } finally {
      site.close();
    }
  },
};

type Times = Map<string, number>;

async function profiled(
  site: SiteInfo,
  events: number,
  plugins: number,
): Promise<{ main: Times; thread: Times }> {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-profile-"));
  try {
    await catchUp({
      site,
      events,
      plugins,
      nodeOptions: ["--cpu-prof", `--cpu-prof-dir=${folder}`, "--cpu-prof-name=main.cpuprofile"],
      env: { PROFILE: join(folder, "thread") },
      source: (i) => (i === 0 ? profilesItself(events) : record(i)),
    });
    const thread = readdirSync(folder).find((name) => name === "thread");
    return {
      main: timeByPart(join(folder, "main.cpuprofile"), MAIN),
      thread: thread ? timeByPart(join(folder, thread), THREAD) : new Map(),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Records everything, and writes a profile of its thread at the last event but one: a thread that is ended writes none by itself. */
function profilesItself(events: number): string {
  return `import { Session } from "node:inspector";
import { writeFileSync } from "node:fs";
${record(0)
  .replace(
    "export function",
    "let seen = 0;\nconst session = new Session();\nsession.connect();\nexport function",
  )
  .replace(
    "reg.registerCallback",
    'session.post("Profiler.enable");\n  session.post("Profiler.start");\n  reg.registerCallback',
  )
  .replace(
    "    writeSync",
    `    seen += 1;
    if (seen === ${events - 1}) {
      session.post("Profiler.stop", (_error, { profile }) => writeFileSync(process.env.PROFILE!, JSON.stringify(profile)));
    }
    writeSync`,
  )}`;
}

function section(where: string, one: Times, ten: Times, events: number): string {
  const total = (times: Times) => [...times.values()].reduce((sum, ms) => sum + ms, 0);
  const each = (ms = 0) => ((ms * 1000) / events).toFixed(1);
  const names = [...ten.keys()].sort((a, b) => ten.get(b)! - ten.get(a)!);
  const rows = names.map((name) => [name, each(one.get(name)), each(ten.get(name))]);
  return table([where, "1 plugin", "10 plugins"], [...rows, ["all", each(total(one)), each(total(ten))]]);
}
