import { readdirSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Heard, Room, run } from "./room.ts";

let room: Room;

beforeEach(async () => {
  room = await Room.open();
});

afterEach(() => room.close());

const BUSY = `setInterval(() => {}, 1000);
export function registerCallbacks(reg) { reg.registerCallback("s", "k", on); }
async function on(sg, logger, event) {
  if (event.id === 1001) return;
  if (event.id === 1002) process.exit(1);
  if (event.id === 1003) throw new Error("no");
  await new Promise(() => {});
}`;

/** Every way in which a host's life can end. */
const ENDS: Record<string, () => Promise<void>> = {
  "a stop while idle": async () => {
    const { host } = await room.load("a.ts", BUSY);
    await host.stop();
  },
  "a stop after some events": async () => {
    const { host, heard } = await room.load("a.ts", BUSY);
    host.hand(run(1, 1));
    await heard.untilDone(1);
    await host.stop();
  },
  "a kill in the middle of an event": async () => {
    const { host } = await room.load("a.ts", BUSY);
    host.hand(run(4, 1));
    await host.kill();
  },
  "an end of its own": async () => {
    const { host, heard } = await room.load("a.ts", BUSY);
    host.hand(run(2, 1));
    await heard.untilExited();
    await host.kill();
  },
  "a kill while a verdict is awaited": async () => {
    const heard = new Heard();
    heard.judge = () => new Promise(() => {});
    const { host } = await room.load("a.ts", BUSY, heard);
    host.hand(run(3, 1));
    await heard.until(({ failures }) => failures.length > 0);
    await host.kill();
  },
  "a load that fails": async () => {
    await room.loadError("a.ts", "throw new Error('no')");
  },
  "a load that hangs": async () => {
    const impatient = await Room.open({ loadTimeoutMs: 500 });
    await impatient.loadError("a.ts", "await new Promise(() => {})");
    await impatient.close();
  },
  "a load that is given up": async () => {
    const path = await room.write("a.ts", "await new Promise(() => {})");
    await room.start(path, new Heard(), AbortSignal.timeout(50)).catch(() => {});
  },
};

/** More than what Node opens once and keeps, less than one for each repetition. */
const ALLOWED = 3;

test.each(Object.keys(ENDS))("%s leaves no thread, port, timer or open file", async (name) => {
  const before = leftovers();
  for (let i = 0; i <= ALLOWED; i += 1) await ENDS[name]!();
  const from = performance.now();
  while (leftovers().some((count, i) => count > before[i]! + ALLOWED)) {
    if (performance.now() - from > 15_000) expect.fail(`${before} became ${leftovers()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
});

/** Counts of things that keep a process alive, of threads and of open files. */
function leftovers(): number[] {
  const held = process.getActiveResourcesInfo().filter((kind) => /Port|Worker|Timeout/.test(kind)).length;
  if (process.platform !== "linux") return [held];
  return [held, readdirSync("/proc/self/task").length, readdirSync("/proc/self/fd").length];
}
