/** What the cluster's journal does one after the other: steps of a lane, each fenced and durable before the next. */
import pg from "pg";
import type { WireEvent } from "../src/event.ts";
import type { Journal, LaneJournal } from "../src/journal/journal.ts";
import { openPostgresJournal } from "../src/journal/postgres/open.ts";

const LEASE_MS = 15_000;

export interface Commits {
  /** A second, of one lane that is alone. */
  alone: number;
  /** A second, of each of ten at once. */
  ofTen: number;
  /** A second: a row of one number that is set, by the same server and client. */
  plain: number;
}

export async function measureCommits(url: string, count: number): Promise<Commits> {
  const member = { name: "bench", labels: [], weight: 1, leaseMs: LEASE_MS, version: "bench" };
  const journal = await openPostgresJournal({ url, schema: "bench_commits", member });
  try {
    const events = Array.from({ length: count }, (_, i) => event(i + 1));
    await journal.append({ events, neverHappened: [], reader: { position: count, gaps: [], generation: 1 } });
    const [first, ...others] = await Promise.all(Array.from({ length: 11 }, (_, i) => lane(journal, i)));
    const plain = await plainUpdates(url, count);
    return {
      plain,
      alone: await aSecond(count, () => stepThrough(first!, count)),
      ofTen: await aSecond(count, () => Promise.all(others.map((one) => stepThrough(one, count)))),
    };
  } finally {
    await journal.close();
  }
}

async function lane(journal: Journal, i: number): Promise<LaneJournal> {
  const name = `plugin${i}`;
  const opened = await journal.openLane({ id: name, path: `/plugins/${name}.ts`, name, startSeq: 0 });
  await opened.register(["callback"]);
  return opened;
}

/** As a host does: that event n has begun says that the one before is done. */
async function stepThrough(one: LaneJournal, count: number): Promise<void> {
  for (let seq = 1; seq <= count; seq += 1) await one.commit({ seq, begun: true, finishedCallbacks: 0 });
}

async function plainUpdates(url: string, count: number): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("CREATE TABLE plain (n bigint NOT NULL)");
    await client.query("INSERT INTO plain VALUES (0)");
    return await aSecond(count, async () => {
      for (let n = 1; n <= count; n += 1)
        await client.query({ name: "plain", text: "UPDATE plain SET n = $1", values: [n] });
    });
  } finally {
    await client.end();
  }
}

async function aSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (count * 1000) / (performance.now() - begun);
}

function event(id: number): WireEvent {
  return {
    type: "EventLogEntry",
    id,
    event_type: "Shotgun_Task_Change",
    attribute_name: "sg_status_list",
    meta: null,
    entity: null,
    user: null,
    project: null,
    session_uuid: null,
    created_at: "2026-11-01T08:00:00Z",
  };
}
