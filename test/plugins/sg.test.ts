import { afterEach, beforeEach, expect, test } from "vitest";
import { openHttpTransport } from "../../src/client/http.ts";
import type { Transport } from "../../src/client/transport.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { Heard, Room, run } from "./room.ts";

let site: Sandbox;
let transport: Transport;
let room: Room;

beforeEach(async () => {
  site = await openSandbox({ studio: "small" });
  transport = openHttpTransport();
  room = await Room.open({ siteUrl: site.url, transport, siteTimeoutMs: 20_000 });
});

afterEach(async () => {
  await room.close();
  await transport.close();
  await site.close();
});

/** A plugin whose callbacks have the site's script; `body` has `sg`, `logger` and `event`. */
function plugin(body: string, key = site.scriptKey): string {
  const credentials = `${JSON.stringify(site.scriptName)}, ${JSON.stringify(key)}`;
  return `import { Shotgun } from "callsheet/client";
  export function registerCallbacks(reg) { reg.registerCallback(${credentials}, on); reg.registerCallback(${credentials}, on); }
  async function on(sg, logger, event) { ${body} }`;
}

test("sg reads and writes the site, and its events carry the session of the event in hand", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    plugin(`const project = await sg.findOne("Project", [["name", "is", "Demo: Animation"]], ["name", "created_at"]);
    const note = await sg.create("Note", { project, subject: "from " + event.id });
    const log = await sg.find("EventLogEntry", [["entity", "is", note]], ["session_uuid"]);
    logger.info("%s %s %j", project.name, project.created_at instanceof Date, [...new Set(log.map((entry) => entry.session_uuid))]);`),
  );
  host.hand(run(1, 2));
  await heard.untilDone(2);
  expect(heard.messages).toEqual([
    'Demo: Animation true ["session-1001"]',
    'Demo: Animation true ["session-1002"]',
  ]);
});

test("without useSessionUuid, sg has no session of its own", async () => {
  const plain = await Room.open({ siteUrl: site.url, transport, useSessionUuid: false });
  const { host, heard } = await plain.load(
    "a.ts",
    plugin(`const note = await sg.create("Note", { project: { type: "Project", id: 1 }, subject: "x" });
    const [entry] = await sg.find("EventLogEntry", [["entity", "is", note]], ["session_uuid"]);
    logger.info("%s", entry.session_uuid === "session-1001");`),
  );
  host.hand(run(1, 1));
  await heard.untilDone(1);
  expect(heard.messages).toEqual(["false"]);
  await plain.close();
});

test("sg behaves as a Shotgun", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    plugin(`const { find } = sg;
    logger.info("%s %s %s", sg instanceof Shotgun, sg.scriptName, sg.url);
    logger.info("%s %s %s", sg.find === sg.find, "find" in sg, sg.nothing);
    logger.info("%s", (await find("Project", [], [])).length > 0);`),
  );
  host.hand(run(1, 1));
  await heard.untilDone(1);
  expect(heard.messages).toEqual([`true ${site.scriptName} ${site.url}`, "true true undefined", "true"]);
});

test("each callback has a connection of its own, and nothing is asked before one is used", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    plugin("logger.info('%s', globalThis.last === sg); globalThis.last = sg;"),
  );
  host.hand(run(1, 1, { callbacks: [0, 1, 0] }));
  await heard.untilDone(1);
  expect(heard.messages).toEqual(["false", "false", "false"]);
  expect(site.requests.count()).toBe(0);
});

test("a large reply comes over whole", async () => {
  const { host, heard } = await room.load(
    "a.ts",
    plugin(`const text = "é".repeat(300_000);
    const note = await sg.create("Note", { project: { type: "Project", id: 1 }, content: text });
    const found = await sg.findOne("Note", [["id", "is", note.id]], ["content"]);
    logger.info("%s", found.content === text);`),
  );
  host.hand(run(1, 1));
  await heard.untilDone(1);
  expect(heard.messages).toEqual(["true"]);
});

test("what the site refuses is the client's own error, with the plugin's line", async () => {
  const { host, heard } = await room.load("a.ts", plugin("\nawait sg.find('Project', [], []);", "wrong-key"));
  host.hand(run(1, 1));
  await heard.until(({ failures }) => failures.length === 1);
  const { error } = heard.failures[0]!;
  expect(error.name).toBe("AuthenticationFault");
  expect(error.stack).toContain(`${room.folder}/a.ts:4:`);
  expect(JSON.stringify(heard.failures)).not.toContain("wrong-key");
});

test("a request that an AbortSignal ends is ended at the site's end too", async () => {
  const hang = site.faults.next({ kind: "hang", until: "ended", match: { method: "read" } });
  const { host, heard } = await room.load(
    "a.ts",
    plugin(`const abort = new AbortController();
    const asked = sg.find("Project", [], [], { signal: abort.signal });
    setTimeout(() => abort.abort(), 30);
    await asked.catch((error) => logger.info("%s", error.code));
    await sg.find("Project", [], [], { signal: AbortSignal.abort() }).catch((error) => logger.info("%s", error.code));`),
  );
  host.hand(run(1, 1));
  await heard.untilDone(1);
  expect(heard.messages).toEqual(["SITE_ABORTED", "SITE_ABORTED"]);
  hang.end();
});

test("a broken connection is the client's error, with the operating system's words", async () => {
  await site.unplug();
  const heard = new Heard();
  const { host } = await room.load("a.ts", plugin('await sg.find("Project", [], []);'), heard);
  host.hand(run(1, 1));
  await heard.until(({ failures }) => failures.length === 1);
  expect(heard.failures[0]!.error).toMatchObject({ name: "UnreachableError" });
  expect(heard.failures[0]!.error.message).toContain("ECONNREFUSED");
});

test("a host that is killed while it asks the site withdraws the request", async () => {
  const withdrawn = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const own = await Room.open({
    siteUrl: site.url,
    transport: {
      send: (_request, { signal }) =>
        new Promise((_, reject) => {
          asked.resolve();
          signal?.addEventListener("abort", () => {
            withdrawn.resolve();
            reject(signal.reason);
          });
        }),
      close: async () => {},
    },
  });
  const { host } = await own.load("a.ts", plugin("await sg.find('Project', [], []);"));
  host.hand(run(1, 1));
  await asked.promise;
  await host.kill();
  await withdrawn.promise;
  await own.close();
});

test("a small reply that lies in shared memory comes over without harm to what lies beside it", async () => {
  const body = Buffer.from('{"results":{"version":[8,60,0]}}');
  const own = await Room.open({
    siteUrl: site.url,
    transport: {
      send: async () => ({
        status: 200,
        statusText: "OK",
        headers: { "content-type": "application/json" },
        body,
      }),
      close: async () => {},
    },
  });
  expect(body.buffer.byteLength).toBeGreaterThan(body.byteLength);
  const { host, heard } = await own.load("a.ts", plugin("logger.info('%j', (await sg.info()).version);"));
  host.hand(run(1, 2));
  await heard.untilDone(2);
  expect(heard.messages).toEqual(["[8,60,0]", "[8,60,0]"]);
  expect(body.byteLength).toBeGreaterThan(0);
  await own.close();
});
