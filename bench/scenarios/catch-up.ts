/** Catch-up through one, ten and thirty plugins. */
import { type CatchUp, catchUp, floor, type Measured, openSite, record } from "../catch-up.ts";
import { median, table } from "../results.ts";
import type { Extent, Scenario } from "./scenario.ts";

interface Load {
  what: string;
  /** Times the floor, at most. */
  goal: number | null;
  plugins: number;
  /** Of the events that are asked for, how many times as many. Default 1. */
  times?: number;
  deliveries(events: number): number;
  more?: Pick<CatchUp, "language" | "order" | "source" | "expected">;
}

const RARE = "{ Shotgun_Version_New: null }";
/** Of thirty plugins, so many want every event; the others want one event in a hundred. */
const WANT_ALL = 2;

const LOADS: Load[] = [
  { what: "1 plugin", goal: 2, plugins: 1, deliveries: (events) => events },
  { what: "1 plugin, ten times the events", goal: 2, plugins: 1, times: 10, deliveries: (events) => events },
  { what: "10 plugins", goal: 5, plugins: 10, deliveries: (events) => events * 10 },
  filtering("30 plugins, 28 of which want one event in a hundred", 1),
  filtering("the same, ten times the events", 10),
  { what: "30 plugins that record everything", goal: 12, plugins: 30, deliveries: (events) => events * 30 },
  python("1 in Python", 1, "independent"),
  python("1 in Python, strict", 1, "strict"),
  python("10 in Python", 10, "independent"),
  python("10 in Python, strict", 10, "strict"),
];

export const typescriptScenario: Scenario = {
  name: "catch-up",
  title: "Catching up",
  run: (extent) =>
    measure(
      LOADS.filter(({ more }) => more?.language !== "python"),
      extent,
    ),
};

export const pythonScenario: Scenario = {
  name: "python",
  title: "Catching up, in Python",
  run: (extent) =>
    measure(
      LOADS.filter(({ more }) => more?.language === "python"),
      extent,
    ),
};

async function measure(loads: readonly Load[], { events, rounds }: Extent): Promise<string> {
  const rows: string[][] = [];
  for (const load of loads) rows.push(await row(load, { events: events * (load.times ?? 1), rounds }));
  const head = [
    "",
    "time",
    "goal",
    "processor time",
    "seconds",
    "deliveries a second",
    "CPU s a million events",
    "of them the main thread",
    "peak MB",
  ];
  return `${events} events; medians of ${rounds} rounds, each with a floor of its own.\n\n${table(head, rows)}`;
}

async function row(load: Load, extent: { events: number; rounds: number }): Promise<string[]> {
  const { what, goal, deliveries } = load;
  const { events, rounds } = extent;
  const pairs: { base: Measured; own: Measured }[] = [];
  const site = await openSite(events);
  try {
    await floor(site.info);
    while (pairs.length < rounds)
      pairs.push({ base: await floor(site.info), own: await catchUpWith(load, site.info, events) });
  } finally {
    site.close();
  }
  const of = (figure: (pair: (typeof pairs)[number]) => number) => median(pairs.map(figure));
  const seconds = of(({ own }) => own.seconds);
  const cells = [
    what,
    `${of(({ own, base }) => own.seconds / base.seconds).toFixed(2)}x`,
    goal === null ? "" : `${goal}x`,
    `${of(({ own, base }) => own.cpuSeconds / base.cpuSeconds).toFixed(2)}x`,
    seconds.toFixed(1),
    Math.round(deliveries(events) / seconds).toLocaleString("en"),
    ((of(({ own }) => own.cpuSeconds) * 1e6) / events).toFixed(0),
    ((of(({ own }) => own.mainCpuSeconds) * 1e6) / events).toFixed(0),
    of(({ own }) => own.peakMb).toFixed(0),
  ];
  console.log(cells.join("  "));
  return cells;
}

function catchUpWith({ plugins, more = {} }: Load, site: CatchUp["site"], events: number): Promise<Measured> {
  const expected = more.source && ((i: number) => (i < WANT_ALL ? events : rare(events)));
  return catchUp({ site, events, plugins, ...more, ...(expected ? { expected } : {}) });
}

/** What a start costs is a large part of a short catch-up through many plugins. */
function filtering(what: string, times: number): Load {
  return {
    what,
    goal: 3,
    plugins: 30,
    times,
    deliveries: (events) => events * WANT_ALL + (30 - WANT_ALL) * rare(events),
    more: { source: (i) => (i < WANT_ALL ? record(i) : record(i, RARE)) },
  };
}

function rare(events: number): number {
  return Math.floor(events / 100);
}

function python(what: string, plugins: number, order: "independent" | "strict"): Load {
  const more = { language: "python", order } as const;
  return { what, goal: null, plugins, deliveries: (events) => events * plugins, more };
}
