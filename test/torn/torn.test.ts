/** Every file that a state folder holds, cut short and with a byte flipped: the daemon is right, or says so and is mended by `repair`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Daemon } from "../../src/daemon/daemon.ts";
import { startDaemon } from "../../src/daemon/start.ts";
import { CallsheetError } from "../../src/errors.ts";
import { repairState } from "../../src/journal/sqlite/repair.ts";
import type { RepairReport } from "../../src/journal/sqlite/salvage/report.ts";
import { TestLog, until } from "../daemon/rig.ts";
import { cut, flipped, positions } from "../journal/damage-model.ts";
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

/** Places in each file; `TORN=20` for a long night. */
const PLACES = Number(process.env.TORN ?? 1);

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
    for (const at of placesIn(path)) {
      await tried(`${file} cut off at ${at}`, () => cut(path, at));
      await tried(`byte ${at} of ${file} flipped`, () => flipped(path, at));
    }
  }
  expect(wrong).toEqual([]);
});

/** Of the whole file as it was left. */
function placesIn(path: string): number[] {
  state.restore();
  const { length } = readFileSync(path);
  return PLACES > 1 ? positions(path, PLACES) : [0, Math.floor(length * 0.6)].filter((at) => at < length);
}

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
  if (report !== null) return;
  const again = after.filter(({ id }) => before.has(id));
  expect(again.length, `repeated in silence after ${what}`).toBeLessThanOrEqual(1);
  expect(
    again.every(({ redelivered }) => redelivered),
    `unmarked after ${what}`,
  ).toBe(true);
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
    expect(["STATE_CORRUPT", "STATE_TOO_NEW"], what).toContain(error.code);
    if (error.code === "STATE_TOO_NEW") return mendVersion(log);
    expect(error.describe()).toContain(`callsheet repair --state ${config.state}`);
    const report = await repairState(config.state);
    expect(report.damaged.length, what).toBeGreaterThan(0);
    return { daemon: await startDaemon({ config, log }), report };
  }
}

/** A flipped version cannot be told from a newer one; nothing was touched. */
async function mendVersion(log: TestLog): Promise<{ daemon: Daemon; report: null }> {
  state.restore();
  return { daemon: await startDaemon({ config: state.config, log }), report: null };
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
  expect(
    listed.map(({ id, plugin, state }) => [id, plugin, state]),
    what,
  ).toEqual([[1, "noting", "finished"]]);
  await daemon.replays.failures(1, 10);
}
