import { afterEach, beforeEach, expect, test } from "vitest";
import { event, Heard, Room, run, runOf } from "./room.ts";

let room: Room;

beforeEach(async () => {
  room = await Room.open();
});

afterEach(() => room.close());

/** A plugin whose callbacks log what they see; `bodies` come after. */
function plugin(...bodies: string[]): string {
  const names = bodies.map((_, i) => `cb${i}`);
  return `export function registerCallbacks(reg) {
    ${names.map((name) => `reg.registerCallback("script", "key", ${name}, null, { seen: [] });`).join("\n")}
  }
  ${bodies.map((body, i) => `async function ${names[i]}(sg, logger, event, args) { ${body} }`).join("\n")}`;
}

test("an event is as documented: the site's fields, a Date, and redelivered", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    plugin("logger.info('%j', [event, event.created_at instanceof Date])"),
  );
  const first = event(5, { meta: null, entity: null, user: { type: "HumanUser", id: 1, name: "Zoë 🎬" } });
  host.hand(
    runOf([
      { seq: 1, event: first, redelivered: true },
      { seq: 2, event: event(6) },
    ]),
  );
  await heard.untilDone(2);
  expect(heard.messages.map((text) => JSON.parse(text))).toEqual([
    [{ ...first, created_at: "2026-11-01T08:00:00.000Z", redelivered: true, replay: null }, true],
    [{ ...event(6), created_at: "2026-11-01T08:00:00.000Z", redelivered: false, replay: null }, true],
  ]);
});

test("long runs of sync callbacks let timers run and report on the way", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    `let ticks = 0; setInterval(() => { ticks += 1; }, 1);
    export function registerCallbacks(reg) { reg.registerCallback("s", "k", on); }
    function on(sg, logger, event) {
      const from = performance.now();
      while (performance.now() - from < 1);
      if (event.id === 1600) logger.info("%d", ticks);
    }`,
  );
  host.hand(run(1, 600));
  await heard.untilDone(600);
  expect(Number(heard.messages[0])).toBeGreaterThan(1);
  expect(heard.notes.filter(({ what }) => what === "progress").length).toBeGreaterThan(1);
});

test("what a callback throws may be an instruction, whichever copy of Callsheet it comes from", async () => {
  const heard = new Heard();
  heard.judge = () => "continue";
  const { host } = await room.load(
    "a.ts",
    `import { RetryAfter, SkipEvent, StopPlugin } from "callsheet";
    class Foreign extends Error { name = "RetryAfter"; delay = 7; }
    const thrown = [new RetryAfter(1500), new SkipEvent(), new StopPlugin("enough"), new Foreign(), new RetryAfter(NaN),
      new RetryAfter(-1), new RetryAfter(Infinity), Object.assign(new Error("x"), { name: "RetryAfter" }), new Error("x")];
    export function registerCallbacks(reg) { reg.registerCallback("s", "k", () => { throw thrown.shift(); }); }`,
    heard,
  );
  host.hand(run(1, 9));
  await heard.untilDone(9);
  expect(heard.failures.map(({ instruction }) => instruction)).toEqual([
    { kind: "retry", delayMs: 1500 },
    { kind: "skip" },
    { kind: "stop" },
    { kind: "retry", delayMs: 7 },
    { kind: "retry", delayMs: 0 },
    { kind: "retry", delayMs: 0 },
    { kind: "retry", delayMs: 2 ** 31 - 1 },
    { kind: "none" },
    { kind: "none" },
  ]);
  expect(heard.failures[2]!.error.message).toBe("enough");
});

test("a rejected promise, a thenable that throws and a getter that throws are failures like any other", async () => {
  const heard = new Heard();
  heard.judge = () => "continue";
  const { host } = await room.load(
    "a.ts",
    `export function registerCallbacks(reg) {
      reg.registerCallback("s", "k", () => Promise.reject(new Error("rejected")));
      reg.registerCallback("s", "k", () => ({ then() { throw new Error("thenable"); } }));
      reg.registerCallback("s", "k", () => ({ get then() { throw new Error("getter"); } }));
    }`,
    heard,
  );
  host.hand(run(1, 1, { callbacks: [0, 1, 2] }));
  await heard.untilDone(1);
  expect(heard.failures.map(({ error }) => error.message)).toEqual(["rejected", "thenable", "getter"]);
});
