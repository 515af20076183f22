/** Every file that a state folder holds, cut short and with a byte flipped: the daemon is right, or says so and is mended by `repair`. */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Daemon } from "../../src/daemon/daemon.ts";
import { startDaemon } from "../../src/daemon/start.ts";
import { CallsheetError } from "../../src/errors.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { repairState } from "../../src/journal/sqlite/repair.ts";
import type { RepairReport } from "../../src/journal/sqlite/salvage/report.ts";
import { idsOf, journaled, TestLog, until } from "../daemon/rig.ts";
import { cut, flipped } from "../journal/damage-model.ts";
import { placesIn, some } from "./places.ts";
import { makeRealState, type RealState } from "./real-state.ts";

/** What is known to lie in a state folder; a new kind of file has to be thought about here, and in `repair`. */
const KNOWN = [
  /^(journal|lanes|replays)\.sqlite(-wal|-shm)?$/,
  /^lanes\/[^/]+\.slot$/,
  /^replays\/\d+-\d+\.slot$/,
  /^lock(-journal|\.owner)?$/,
  /^(server|log|alerts)\.json$/,
];
/** Written for people alone, or read as text. */
const LOGS = [/^log\//, /^stderr\.log$/];

/** Cuts in each file, and as many flips; `TORN=20` for an hour, `TORN=5000` for every byte of the small files. */
const PLACES = Number(process.env.TORN ?? 2);
/** A byte turned round; with more places each bit in its turn, since a bit alone may make a number that could be. */
const MASKS = PLACES > 2 ? [0xff, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80] : [0xff];

let state: RealState;

test("a state with a damaged file is right, or refused and repaired, and nothing is lost", {
  timeout: 1_200_000,
}, async () => {
  state = await makeRealState();
  const unknown = state.files.filter((file) => ![...KNOWN, ...LOGS].some((kind) => kind.test(file)));
  expect(unknown, "files that this test does not know").toEqual([]);
  const files = state.files.filter((file) => KNOWN.some((kind) => kind.test(file)));
  expect(files.length).toBeGreaterThan(12);
  await damaged("nothing", () => {});
  const wrong: string[] = [];
  const tried = async (what: string, damage: () => void) => {
    await damaged(what, damage).catch((error: Error) => wrong.push(`${what}: ${error.message}`));
  };
  for (const file of files) {
    const path = join(state.config.state, file);
    state.restore();
    const { cuts, flips } = placesIn(path);
    for (const at of some(cuts, PLACES)) await tried(`${file} cut off at ${at}`, () => cut(path, at));
    for (const [index, at] of some(flips, PLACES).entries()) {
      const mask = MASKS[index % MASKS.length]!;
      await tried(`byte ${at} of ${file} flipped by ${mask}`, () => flipped(path, at, mask));
    }
  }
  expect(wrong).toEqual([]);
});

async function damaged(what: string, damage: () => void): Promise<void> {
  state.restore();
  damage();
  const before = new Set(state.notes().map(({ id }) => id));
  const log = new TestLog();
  const { daemon, report } = await startOrRepair(log, what);
  try {
    await untilThrough(daemon, what);
    await judgeReplays(daemon, log, report, what);
  } finally {
    await daemon.stop();
  }
  const after = state.notes().slice(before.size);
  const got = new Set([...before, ...after.map(({ id }) => id)]);
  expect(
    state.owed.filter((id) => !got.has(id)),
    `lost after ${what}`,
  ).toEqual([]);
  const again = after.filter(({ id }) => before.has(id));
  expect(
    again.filter(({ redelivered }) => !redelivered),
    `unmarked after ${what}`,
  ).toEqual([]);
  const places = await placesOfEvents();
  const came = after.map(({ id }) => places.indexOf(id));
  expect(came, `out of order after ${what}`).toEqual([...new Set(came)].toSorted((a, b) => a - b));
  if (report === null) expect(again.length, `repeated in silence after ${what}`).toBeLessThanOrEqual(1);
}

/** Ids in the order of the journal, which is sound. */
async function placesOfEvents(): Promise<number[]> {
  const journal = await openSqliteJournal({ folder: state.config.state });
  try {
    return idsOf(await journaled(journal));
  } finally {
    await journal.close();
  }
}

async function startOrRepair(
  log: TestLog,
  what: string,
): Promise<{ daemon: Daemon; report: RepairReport | null }> {
  const { config } = state;
  try {
    return { daemon: await startDaemon({ config, log }), report: null };
  } catch (error) {
    if (!(error instanceof CallsheetError)) throw new Error(`${what}: ${String(error)}`, { cause: error });
    expect(error.code, what).toBe("STATE_CORRUPT");
    expect(error.describe()).toContain(`callsheet repair --state ${config.state}`);
    const report = await repairState(config.state);
    expect(report.damaged.length, what).toBeGreaterThan(0);
    return { daemon: await startDaemon({ config, log }), report };
  }
}

function untilThrough(daemon: Daemon, what: string): Promise<void> {
  return until(
    () => {
      const { reader, journal, plugins } = daemon.status();
      const through = plugins.every(({ doneSeq }) => doneSeq === journal.lastSeq);
      return reader.position >= state.owed.at(-1)! && through && journal.lastSeq > 0;
    },
    () => `after ${what} it does not come through: ${JSON.stringify(daemon.status())}`,
  );
}

/** They are as they were, or it is told that they are not. */
async function judgeReplays(
  daemon: Daemon,
  log: TestLog,
  report: RepairReport | null,
  what: string,
): Promise<void> {
  const listed = await daemon.replays.list({ limit: 10 });
  const told =
    log.lines.some(({ code, message }) => code === "STATE_CORRUPT" && message.includes("replays.sqlite")) ||
    report?.damaged.some(({ file }) => file.includes("replays.sqlite"));
  if (told) return;
  // where the end of its log is gone with no trace, it is as it was a moment before
  const states = what.includes("cut off") ? ["finished", "interrupted"] : ["finished"];
  expect(
    listed.map(({ id, plugin }) => [id, plugin]),
    what,
  ).toEqual([[1, "noting"]]);
  expect(states, what).toContain(listed[0]!.state);
  await daemon.replays.failures(1, 10);
}
