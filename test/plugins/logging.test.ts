import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Heard, Room, run } from "./room.ts";

let room: Room;

beforeEach(async () => {
  room = await Room.open();
});

afterEach(() => room.close());

/** What a plugin logs while it is loaded and while it is handed one event, as `level logger message`. */
async function logOf(source: string, options: Parameters<typeof Room.open>[0] = {}): Promise<string[]> {
  const own = await Room.open(options);
  try {
    const { host, heard } = await own.load("a.ts", source);
    if (host.callbacks.length > 0) {
      host.hand(run(1, 1));
      await heard.untilDone(1);
    }
    await host.stop();
    return heard.lines.map(({ level, logger, message }) => `${level} ${logger} ${message}`);
  } finally {
    await own.close();
  }
}

function callback(body: string): string {
  return `export function registerCallbacks(reg) { reg.registerCallback("s", "k", on); }
  async function on(sg, logger, event) { ${body} }`;
}

test("each level, and the % formats of util.format", async () => {
  const lines = await logOf(
    callback(`logger.debug("%s is %d", "a", 1.5); logger.info("%i %f %j %%", 2.7, "3.5", { a: 1 }); logger.warn("plain %s");
    logger.warning({ an: "object" }); logger.error("more", 1, [2]); logger.critical("100%");`),
  );
  expect(lines).toEqual([
    "debug plugin.a.on a is 1.5",
    'info plugin.a.on 2 3.5 {"a":1} %',
    "warn plugin.a.on plain %s",
    "warn plugin.a.on { an: 'object' }",
    "error plugin.a.on more 1 [ 2 ]",
    "critical plugin.a.on 100%",
  ]);
});

test("an Error is printed with its stack", async () => {
  const [line] = await logOf(callback("logger.error('it failed:', new RangeError('no'))"));
  expect(line).toMatch(/^error plugin\.a\.on it failed: RangeError: no\n {4}at .*on .*a\.ts:2:/);
});

test("the plugin's logger, and one for each callback below it", async () => {
  const lines = await logOf(`export function registerCallbacks(reg) {
    reg.logger.info("%s %s", reg.logger.name, reg.getLogger() === reg.logger);
    reg.registerCallback({ scriptName: "s", scriptKey: "k", name: "Notify", callback: (sg, logger) => logger.info(logger.name) });
  }`);
  expect(lines).toEqual(["info plugin.a plugin.a true", "info plugin.a.Notify plugin.a.Notify"]);
});

test("lines below the configured level are dropped, in the thread", async () => {
  const source = callback("for (const level of ['debug', 'info', 'warn', 'error']) logger[level](level)");
  expect(await logOf(source, { logLevel: "warn" })).toEqual([
    "warn plugin.a.on warn",
    "error plugin.a.on error",
  ]);
});

test("setLevel: a callback's logger follows the plugin's until it has a level of its own", async () => {
  const lines = await logOf(
    `let reg; export function registerCallbacks(r) { reg = r; reg.logger.setLevel("error"); reg.registerCallback("s", "k", on); }
    function on(sg, logger) { logger.warn("dropped"); logger.setLevel("debug"); logger.debug("kept"); reg.logger.warn("dropped");
      try { logger.setLevel("warning"); } catch (error) { logger.info(error.message); } }`,
    { logLevel: "critical" },
  );
  expect(lines).toEqual([
    "debug plugin.a.on kept",
    "info plugin.a.on logger.setLevel: 'warning' is not a level; use one of debug, info, warn, error, critical.",
  ]);
});

test("what is printed lands in the plugin's log, one line for each call", async () => {
  const lines = await logOf(
    callback(`console.log("a %d", 1); console.info("two\\nlines"); console.debug("c"); console.warn("d"); console.error("e");
    console.assert(false, "f"); console.group("g"); console.log("inside"); console.groupEnd(); console.table([{ x: 1 }]);
    console.dir({ y: 2 });`),
  );
  expect(lines.map((line) => line.replace(" plugin.a ", " "))).toEqual([
    "info a 1",
    "info two\nlines",
    "debug c",
    "warn d",
    "error e",
    "warn Assertion failed: f",
    "info g",
    "info   inside",
    expect.stringMatching(/^info ┌[\s\S]*x/),
    "info { y: 2 }",
  ]);
});

test("bare writes to the standard streams are cut into lines", async () => {
  const lines = await logOf(
    callback(`process.stdout.write("half "); process.stdout.write("line\\nsecond\\nrest"); process.stderr.write(Buffer.from("é\\n"));
    await new Promise((done) => process.stdout.write("\\n", done));`),
  );
  expect(lines).toEqual([
    "info plugin.a half line",
    "info plugin.a second",
    "error plugin.a é",
    "info plugin.a rest",
  ]);
});

test("warnings of Node are lines of the plugin, and not of the daemon's terminal", async () => {
  const lines = await logOf(
    callback("process.emitWarning('old thing'); await new Promise((go) => setTimeout(go, 5))"),
  );
  expect(lines).toEqual(["warn plugin.a Warning: old thing"]);
});

test("lines carry the event in hand, and none between events", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    `export function registerCallbacks(reg) { reg.logger.info("loading"); reg.registerCallback("s", "k", on); }
    async function on(sg, logger, event) {
      console.log("in hand");
      setTimeout(() => logger.info("after"), 10);
    }`,
  );
  host.hand(run(1, 1));
  await heard.until(({ messages }) => messages.includes("after"));
  expect(heard.lines.map(({ message, eventId }) => [message, eventId])).toEqual([
    ["loading", null],
    ["in hand", 1001],
    ["after", null],
  ]);
});

test("a plugin that floods its log loses no line and cannot run ahead without end", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    `export function registerCallbacks(reg) { reg.registerCallback("s", "k", on); }
    function on(sg, logger) { for (let i = 0; i < 20_000; i += 1) logger.info(i); }`,
  );
  host.hand(run(1, 1));
  await heard.untilDone(1);
  expect(heard.messages).toEqual(Array.from({ length: 20_000 }, (_, i) => String(i)));
});

test("a plugin that logs faster than the daemon listens waits for it", async () => {
  const written = join(room.folder, "written");
  const heard = new Heard();
  let aheadBy = 0;
  const log = heard.log.bind(heard);
  heard.log = (line) => {
    log(line);
    if (heard.notes.length > 1) return;
    // The daemon is busy for a while, and the plugin could write all its lines in that time.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    aheadBy = statSync(written).size;
  };
  const { host } = await room.load(
    "a.ts",
    `import { openSync, writeSync } from "node:fs";
    const fd = openSync(${JSON.stringify(written)}, "w");
    export function registerCallbacks(reg) { reg.registerCallback("s", "k", on); }
    function on(sg, logger) { for (let i = 0; i < 5000; i += 1) { logger.info(i); writeSync(fd, "."); } }`,
    heard,
  );
  host.hand(run(1, 1));
  await heard.untilDone(1);
  expect(aheadBy).toBeLessThan(1000);
  expect(heard.messages).toHaveLength(5000);
});

test("a flood that never ends does not keep the daemon from killing it", async () => {
  const { host, heard } = await room.load("a.ts", callback("for (let i = 0; ; i += 1) logger.info(i);"));
  host.hand(run(1, 1));
  await heard.until(({ notes }) => notes.length > 2000);
  await host.kill();
  const { length } = heard.notes;
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard.notes).toHaveLength(length);
});

test("an endless message is cut", async () => {
  const [line] = await logOf(callback("logger.info('x'.repeat(1_000_000))"));
  expect(line!.length).toBeLessThan(101_000);
  expect(line).toMatch(/… \(900000 more characters\)$/);
});
