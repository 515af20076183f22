/** Spans of a real daemon with the SDK of the documentation, sent to a receiver on loopback. */
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { callsheet, folderWith, ROOT } from "../cli/process.ts";
import { openReceiver, type ReceivedSpan } from "./otlp.ts";
import { openTestSandbox, until } from "./rig.ts";
import { CHANGE } from "./whole.ts";

/** The kind of a span, in OTLP. */
const CONSUMER = 5;
const MAIN = join(ROOT, "src/cli/main.ts");
/** The page's first block: the file that a studio registers its SDK with. */
const SDK = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(join(ROOT, "docs/tracing.md"), "utf8"))![1]!;

const GOOD = `import { trace } from "@opentelemetry/api";
let calls = 0;
export function registerCallbacks(reg) {
  reg.registerCallback({ scriptName: process.env.NAME, scriptKey: process.env.KEY, retry: { attempts: 2, backoff: 10 }, callback: async function onTask(sg, _logger, event) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await sg.findOne("Task", [["id", "is", 1]], ["content"]);
    calls += 1;
    if (calls === 1) throw new TypeError("no luck with " + process.env.KEY + " and " + process.env.SECRET);
    await trace.getTracer("studio").startActiveSpan("publish", async (span) => { await null; span.end(); });
  } });
  reg.registerCallback("s", "k", function second() {});
}`;
const STOPS = `export function registerCallbacks(reg) {
  reg.registerCallback("s", "k", function stops() { throw new Error("it stops"); });
}`;
const HANGS = `export function registerCallbacks(reg) {
  reg.registerCallback({ scriptName: "s", scriptKey: "k", timeout: "1s", callback: function hangs() { for (;;); } });
}`;
const SECRET = "secret-token-of-the-server";
const PYTHON = `
from callsheet import SkipEvent

def registerCallbacks(reg):
    reg.registerCallback("s", "k", first)
    reg.registerCallback("s", "k", skips)

def first(sg, logger, event, args):
    pass

def skips(sg, logger, event, args):
    raise SkipEvent("not for us: secret-token-of-the-server")
`;

/** The same, registered in the main thread alone. */
function inMainThreadOnly(sdk: string): string {
  const [imports, code] = sdk.split(/(?=^context)/m);
  return `import { isMainThread } from "node:worker_threads";\n${imports}\nif (isMainThread) {\n${code}\n}`;
}

const PLUGINS = { "good.ts": GOOD, "stops.ts": STOPS, "hangs.ts": HANGS, "snake.py": PYTHON };

/** A daemon with these plugins that has had two events, and the spans that it sent until its end. */
async function traced(
  plugins: Record<string, string>,
  {
    program = [MAIN],
    env = {},
    sdk = SDK,
  }: { program?: string[]; env?: Record<string, string>; sdk?: string },
) {
  const sandbox = await openTestSandbox();
  const receiver = await openReceiver();
  const { url, scriptName, scriptKey } = sandbox;
  const files = Object.entries(plugins).map(([name, text]) => [`plugins/${name}`, text]);
  const config = {
    site: { url, scriptName, scriptKey },
    fetchInterval: "50ms",
    server: { port: 0, token: SECRET },
  };
  const folder = folderWith({
    ...Object.fromEntries(files),
    "tracing.ts": sdk,
    "package.json": '{"type":"module"}',
    "callsheet.config.json": JSON.stringify(config),
  });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const running = callsheet(["run"], {
    cwd: folder,
    program,
    env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, NAME: scriptName, KEY: scriptKey, SECRET },
  });
  await running.says(/first start/);
  for (const name of Object.keys(plugins)) await running.says(new RegExp(`loaded ${name.split(".")[0]}`));
  const { first, last } = sandbox.site.events.add([CHANGE, CHANGE]);
  return {
    first,
    last,
    running,
    scriptKey,
    spans: receiver.spans,
    async end() {
      running.kill("SIGTERM");
      await running.ended;
    },
  };
}

const ofPlugin = (spans: ReceivedSpan[], plugin: string, event?: number) =>
  spans.find(
    ({ name, attributes }) =>
      name === `process ${plugin}` && (event === undefined || attributes["callsheet.event_id"] === event),
  );
/** In the order in which they began. */
const beneath = (spans: ReceivedSpan[], { spanId }: ReceivedSpan) =>
  spans.filter(({ parentSpanId }) => parentSpanId === spanId).sort((a, b) => a.startedAt - b.startedAt);

it("makes a span of each delivery and of each call", async () => {
  const { spans, first, last, running, end, scriptKey } = await traced(PLUGINS, {
    program: ["--import", "./tracing.ts", MAIN],
  });
  for (const pattern of [
    /hangs took longer/,
    /it stops; the plugin stops/,
    new RegExp(`skips failed on event ${last}`),
  ])
    await running.says(pattern);
  await until(
    () => ofPlugin(spans, "good", last) !== undefined,
    () => running.all,
    60_000,
  );
  await end();
  const good = ofPlugin(spans, "good", first)!;
  expect(good).toMatchObject({
    parentSpanId: null,
    kind: CONSUMER,
    status: 0,
    attributes: {
      "callsheet.plugin": "good",
      "callsheet.event_type": "Shotgun_Task_Change",
      "callsheet.outcome": "delivered",
      "callsheet.redelivered": false,
    },
  });
  const calls = beneath(spans, good);
  expect(
    calls.map(({ name, attributes, status }) => [name, attributes["callsheet.attempt"], status]),
  ).toEqual([
    ["onTask", 1, 2],
    ["onTask", 2, 0],
    ["second", 1, 0],
  ]);
  expect(calls[0]!.exceptions).toMatchObject([
    { "exception.type": "TypeError", "exception.message": "no luck with *** and ***" },
  ]);
  expect(calls[0]!.ms).toBeGreaterThanOrEqual(4);
  // what the plugin and `sg` make lies beneath the call
  expect(beneath(spans, calls[1]!).map(({ name }) => name)).toEqual(["findOne Task", "publish"]);
  expect(JSON.stringify(spans)).not.toContain(scriptKey);
  expect(JSON.stringify(spans)).not.toContain(SECRET);

  const stops = ofPlugin(spans, "stops", first)!;
  expect(stops).toMatchObject({ status: 2, attributes: { "callsheet.outcome": "stopped" } });
  expect(beneath(spans, stops)[0]!.exceptions[0]).toMatchObject({ "exception.message": "it stops" });

  const hangs = ofPlugin(spans, "hangs", first)!;
  expect(hangs).toMatchObject({ status: 2, attributes: { "callsheet.outcome": "lost" } });
  const [hung] = beneath(spans, hangs);
  expect(hung).toMatchObject({ name: "hangs", attributes: { "error.type": "CALLBACK_TIMEOUT" } });
  expect(hung!.ms).toBeGreaterThanOrEqual(900);

  const snake = ofPlugin(spans, "snake", first)!;
  expect(snake).toMatchObject({ status: 0, attributes: { "callsheet.outcome": "skipped" } });
  expect(beneath(spans, snake).map(({ name }) => name)).toEqual(["first", "skips"]);
}, 180_000);

it("is registered by NODE_OPTIONS too", async () => {
  const { spans, last, running, end } = await traced(
    { "good.ts": GOOD },
    { env: { NODE_OPTIONS: "--import=./tracing.ts" } },
  );
  const published = () => spans.filter(({ name }) => name === "publish");
  await until(
    () => published().length === 2 && ofPlugin(spans, "good", last) !== undefined,
    () => running.all,
    60_000,
  );
  await end();
  expect(published().every(({ parentSpanId }) => spans.some(({ spanId }) => spanId === parentSpanId))).toBe(
    true,
  );
}, 120_000);

it("makes them in the daemon where threads have no tracer", async () => {
  const { spans, first, last, running, end } = await traced(
    { "good.ts": GOOD },
    {
      program: ["--import", "./tracing.ts", MAIN],
      sdk: inMainThreadOnly(SDK),
    },
  );
  await until(
    () => ofPlugin(spans, "good", last) !== undefined,
    () => running.all,
    60_000,
  );
  await end();
  const good = ofPlugin(spans, "good", first)!;
  expect(good.attributes["callsheet.outcome"]).toBe("delivered");
  expect(beneath(spans, good).map(({ name, attributes }) => [name, attributes["callsheet.attempt"]])).toEqual(
    [
      ["onTask", 1],
      ["onTask", 2],
      ["second", 1],
    ],
  );
}, 120_000);
