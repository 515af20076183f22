import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { Heard, Room, run } from "./room.ts";

let room: Room;

beforeEach(async () => {
  room = await Room.open();
});

afterEach(() => room.close());

/** A plugin with one callback, which has `event` and `logger`. */
function plugin(body: string, before = ""): string {
  return `${before}
export function registerCallbacks(reg) { reg.registerCallback("script", "key", on); }
async function on(sg, logger, event) {
  ${body}
}`;
}

/** Loads a plugin, hands it events 1001-1003, and waits for its end. */
async function exitOf(source: string) {
  const { host, heard } = await room.load("a.ts", source);
  host.hand(run(1, 3));
  const exit = await heard.untilExited();
  return { host, heard, exit };
}

test("process.exit is told with the line that called it, and with the event in hand", async () => {
  const { exit, heard } = await exitOf(plugin("if (event.id === 1002) process.exit(3);"));
  expect(exit).toMatchObject({ code: "HOST_EXITED", message: "process.exit(3) was called" });
  expect(exit.inHand).toMatchObject({ seq: 2, callback: 0 });
  expect(exit.error!.stack).toContain(`${room.folder}/a.ts:4:34`);
  expect(room.slot).toMatchObject({ seq: 2, finishedCallbacks: 0, begun: true });
  expect(heard.exits).toHaveLength(1);
});

test("an uncaught exception in a timer, with the event in hand", async () => {
  const { exit } = await exitOf(
    plugin("setTimeout(() => { throw new RangeError('too far'); }, 1); await new Promise(() => {});"),
  );
  expect(exit.message).toBe("uncaught exception: RangeError: too far");
  expect(exit.inHand).toMatchObject({ seq: 1, callback: 0 });
  expect(exit.error).toMatchObject({ name: "RangeError", message: "too far" });
  expect(exit.error!.stack).toContain(`${room.folder}/a.ts:4:`);
});

test("an unhandled rejection between events names the event before it", async () => {
  const { exit } = await exitOf(
    plugin("if (event.id === 1003) setTimeout(() => Promise.reject(new Error('late')), 20);"),
  );
  expect(exit.message).toBe("unhandled rejection: Error: late (after event 1003)");
  expect(exit.inHand).toBeNull();
  expect(room.slot).toMatchObject({ seq: 3, begun: false });
});

test("a plugin that handles its own exceptions goes on", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    plugin(
      "setImmediate(() => { throw new Error('mine'); }); await new Promise((go) => setTimeout(go, 5));",
      "process.on('uncaughtException', (error) => console.log('handled ' + error.message));",
    ),
  );
  host.hand(run(1, 2));
  await heard.untilDone(2);
  expect(heard.messages).toEqual(["handled mine", "handled mine"]);
});

test("buffers that grow past the limit end their plugin, though no heap limit counts them", async () => {
  const small = await Room.open({ memoryLimitBytes: 60e6 });
  const { host, heard } = await small.load(
    "a.ts",
    plugin("all.push(Buffer.alloc(20e6)); await new Promise((go) => setTimeout(go, 11));", "const all = [];"),
  );
  host.hand(run(1, 100));
  const exit = await heard.untilExited();
  expect(exit.code).toBe("HOST_OUT_OF_MEMORY");
  expect(exit.message).toMatch(/^it used \d+ MB of buffers, and its limit is 60 MB/);
  await small.close();
});

test("buffers that grow within one call are noticed from outside", async () => {
  const small = await Room.open({ memoryLimitBytes: 60e6 });
  const { host, heard } = await small.load(
    "a.ts",
    plugin(
      "for (;;) { all.push(Buffer.alloc(1e6, 1)); Atomics.wait(pause, 0, 0, 5); }",
      "const all = []; const pause = new Int32Array(new SharedArrayBuffer(4));",
    ),
  );
  host.hand(run(1, 1));
  const exit = await heard.untilExited();
  expect(exit).toMatchObject({ code: "HOST_OUT_OF_MEMORY", inHand: { seq: 1, callback: 0 } });
  await small.close();
});

test("what a thread may not do is an ordinary error", async () => {
  const heard = new Heard();
  heard.judge = () => "continue";
  const { host } = await room.load(
    "a.ts",
    plugin(
      "[() => process.abort(), () => process.chdir('/'), () => process.kill(process.pid, 'SIGKILL')][event.id - 1001]();",
    ),
    heard,
  );
  host.hand(run(1, 3));
  await heard.untilDone(3);
  expect(heard.failures.map(({ error }) => error.message)).toEqual([
    "process.abort() is not supported in workers",
    "process.chdir() is not supported in workers",
    "process.kill: a plugin cannot send a signal to the daemon that runs it",
  ]);
});

test("the environment and signal handlers of a plugin are its own", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    plugin("process.env.CALLSHEET_LEAK = 'yes'; process.on('SIGINT', () => {}); logger.info('set')"),
  );
  const listeners = process.listenerCount("SIGINT");
  host.hand(run(1, 1));
  await heard.untilDone(1);
  expect(process.env.CALLSHEET_LEAK).toBeUndefined();
  expect(process.listenerCount("SIGINT")).toBe(listeners);
});

test("whatever is thrown, a report of it arrives", async () => {
  const heard = new Heard();
  heard.judge = () => "continue";
  const { host } = await room.load(
    "a.ts",
    `const nasty = new Error("x");
    for (const key of ["name", "message", "stack", "cause"]) Object.defineProperty(nasty, key, { get() { throw 1; } });
    const revoked = Proxy.revocable({}, {}); revoked.revoke();
    const cyclic = new Error("cyclic"); cyclic.cause = cyclic;
    const values = [undefined, null, "text", 42, Symbol("s"), 10n, { a: 1 }, () => {}, Object.freeze(new Error("frozen")), nasty,
      revoked.proxy, cyclic, new Error("y".repeat(1e6)), new Error("outer", { cause: new TypeError("inner") }),
      new AggregateError([new Error("first"), "second"], "several"), Object.create(null), new DOMException("dom", "AbortError")];
    export function registerCallbacks(reg) { reg.registerCallback("s", "k", () => { throw values.shift(); }); }`,
    heard,
  );
  host.hand(run(1, 17));
  await heard.untilDone(17);
  const reports = heard.failures.map(({ error }) => error);
  expect(reports.slice(0, 8).map(({ message }) => message)).toEqual([
    "undefined was thrown",
    "null was thrown",
    "text",
    "42 was thrown",
    "Symbol(s) was thrown",
    "10n was thrown",
    "{ a: 1 } was thrown",
    "[Function (anonymous)] was thrown",
  ]);
  expect(reports[8]).toMatchObject({ name: "Error", message: "frozen" });
  expect(reports[11]!.stack).toContain("Caused by: Error: cyclic");
  expect(reports[12]!.message).toMatch(/^y{10000}… \(990000 more characters\)$/);
  expect(reports[13]!.stack).toMatch(/^Error: outer\n[\s\S]*\nCaused by: TypeError: inner\n\s+at .*a\.ts:/);
  expect(reports[14]!.stack).toMatch(/Caused by: Error: first[\s\S]*Caused by: 'second'/);
  expect(reports[16]).toMatchObject({ name: "AbortError", message: "dom" });
});

test("a plugin that will not exit is ended all the same", async () => {
  const { host, heard } = await room.load("a.ts", plugin("", "process.on('exit', () => { for (;;); });"));
  host.hand(run(1, 1));
  await heard.untilDone(1);
  await host.stop();
  expect(heard.exits).toEqual([]);
});

test("exit handlers of a plugin run when its host stops", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    plugin("", "process.on('exit', () => console.log('bye'));"),
  );
  await host.stop();
  expect(heard.messages).toEqual(["bye"]);
});

test("a plugin that ends while its failure waits for a verdict leaves nothing hanging", async () => {
  const heard = new Heard();
  const verdict = Promise.withResolvers<"retry">();
  heard.judge = () => verdict.promise;
  const { host } = await room.load(
    "a.ts",
    plugin("setTimeout(() => process.exit(1), 20); throw new Error('no');"),
    heard,
  );
  host.hand(run(1, 1));
  const exit = await heard.untilExited();
  expect(exit.message).toBe("process.exit(1) was called (between callbacks of event 1001)");
  verdict.resolve("retry");
  await host.stop();
});

test.skipIf(process.platform === "win32")(
  "a thread that is stuck in the operating system is not waited for",
  async () => {
    const fifo = join(room.folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    const { host, heard } = await room.load(
      "a.ts",
      plugin(
        `logger.info("in"); readFileSync(${JSON.stringify(fifo)}); logger.info("out");`,
        "import { readFileSync } from 'node:fs';",
      ),
    );
    host.hand(run(1, 2));
    await heard.until(({ messages }) => messages.includes("in"));
    const held = await untilRead(fifo);
    const stopping = host.stop();
    await host.kill();
    await stopping;
    // Lets the thread out of its read: nothing more is called, and the slot stays as it is.
    closeSync(held);
    expect(heard.messages).toEqual(["in"]);
    expect(room.slot).toMatchObject({ seq: 1, begun: true });
  },
);

/** Resolves with an open end of the pipe once somebody has opened the other, who then waits for it to be closed. */
async function untilRead(fifo: string): Promise<number> {
  for (;;) {
    try {
      return openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

test("a slot that cannot be written ends the host, whatever the plugin catches", async () => {
  const { host, heard } = await room.load("a.ts", plugin("", "process.on('uncaughtException', () => {});"));
  await rm(room.slotFile);
  host.hand(run(1, 1));
  const exit = await heard.untilExited();
  expect(exit.message).toMatch(/^Callsheet itself failed: Error: ENOENT: .*slot/);
});

test("a report holds no key that the plugin registered, and no secret of its environment", async () => {
  process.env.CALLSHEET_TEST_TOKEN = "of-the-environment";
  onTestFinished(() => {
    delete process.env.CALLSHEET_TEST_TOKEN;
  });
  const { host, heard } = await room.load(
    "a.ts",
    `export function registerCallbacks(reg) { reg.registerCallback("script", "k3y-of-the-script", on); }
function on() { throw new Error(\`not let in: k3y-of-the-script \${process.env.CALLSHEET_TEST_TOKEN}\`); }`,
  );
  host.hand(run(1, 1));
  await heard.until(({ failures }) => failures.length === 1);
  expect(heard.failures[0]!.error.message).toBe("not let in: *** ***");
  expect(JSON.stringify(heard.failures)).not.toMatch(/k3y-of|of-the-environment/);
});
