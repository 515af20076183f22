/** The whole flow with real parts: delivery, failures, and what a plugin may do to its host. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { rawNumber } from "../../src/json.ts";
import { openTestSandbox, until } from "./rig.ts";
import { CHANGE, daemonWith, ids, lane, notes, OTHER, recorder, twoCallbacks } from "./whole.ts";

it("delivers every matching event to every plugin, in order, with all its fields", async () => {
  const { sandbox, folder, log } = await daemonWith({
    "all.ts": recorder("all"),
    "tasks.js": recorder("tasks", "{ Shotgun_Task_Change: ['sg_status_list'] }").replace(
      /^import type .*$/m,
      "",
    ),
  });
  const { first } = sandbox.site.events.add([CHANGE, OTHER, CHANGE]);
  await until(() => notes(folder, "all").length === 3 && notes(folder, "tasks").length === 2);
  expect(ids(folder, "all")).toEqual([first, first + 1, first + 2]);
  expect(ids(folder, "tasks")).toEqual([first, first + 2]);
  const [event] = notes(folder, "all");
  expect(event).toMatchObject({ type: "EventLogEntry", redelivered: false, created: true, ...CHANGE });
  expect(log.lines.filter(({ level }) => level === "error" || level === "critical")).toEqual([]);
});

it("lets a plugin read and write the site with its own connection, passing the event's session_uuid on", async () => {
  const sandbox = await openTestSandbox();
  const { scriptName, scriptKey } = sandbox;
  const source = `
    import type { Registrar } from "callsheet";
    export function registerCallbacks(reg: Registrar) {
      reg.registerCallback("${scriptName}", "${scriptKey}", async (sg, logger, event) => {
        const shot = await sg.findOne("Shot", [["id", "is", event.meta!.entity_id]], ["code"]);
        await sg.update("Shot", shot!.id, { description: \`seen \${shot!.code}\` });
        logger.info("wrote %s", shot!.code);
      }, { Shotgun_Shot_New: null });
    }`;
  const { log } = await daemonWith({ "writer.ts": source }, {}, sandbox);
  const auth = { script_name: scriptName, script_key: scriptKey, session_uuid: "5e55-10" };
  const call = (method: string, payload: unknown) =>
    sandbox.site.call(method, [auth, payload]) as { id: number };
  const project = call("create", {
    type: "Project",
    fields: [{ field_name: "name", value: "Night Bus" }],
    return_fields: ["id"],
  });
  const shot = call("create", {
    type: "Shot",
    fields: [
      { field_name: "code", value: "sh010" },
      { field_name: "project", value: { type: "Project", id: project.id } },
    ],
    return_fields: ["id"],
  });
  expect(await log.line("wrote sh010")).toMatchObject({ level: "info", plugin: "writer" });
  const found = sandbox.site.call("read", [
    auth,
    {
      type: "EventLogEntry",
      return_fields: ["session_uuid"],
      filters: {
        logical_operator: "and",
        conditions: [
          { path: "attribute_name", relation: "is", values: ["description"] },
          { path: "event_type", relation: "is", values: ["Shotgun_Shot_Change"] },
        ],
      },
      return_only: "active",
      paging: { entities_per_page: 1, current_page: 1 },
      sorts: [{ field_name: "id", direction: "desc" }],
    },
  ]) as { entities: { session_uuid: string }[] };
  expect(shot.id).toBeGreaterThan(0);
  expect(found.entities[0]!.session_uuid).toBe("5e55-10");
});

it("keeps whole numbers beyond 2^53 in meta exact, from the site to the callback", async () => {
  const big = recorder("big").replace("...event", "id: event.id, size: String(event.meta!.new_value)");
  const { sandbox, folder } = await daemonWith({ "big.ts": big });
  sandbox.site.events.add([{ ...CHANGE, meta: { new_value: rawNumber(12_345_678_901_234_567_891n) } }]);
  await until(() => notes(folder, "big").length === 1);
  expect(notes(folder, "big")[0]).toMatchObject({ size: "12345678901234567891" });
});

it("a failing plugin stops at its event, the others go on, and the fixed file starts it there again", async () => {
  const { sandbox, folder, log, daemon } = await daemonWith({
    "good.ts": recorder("good"),
    "bad.ts": twoCallbacks(true),
  });
  const { first, last } = sandbox.site.events.add([CHANGE, CHANGE, CHANGE]);
  const failure = await log.line("b failed on event");
  expect(failure).toMatchObject({
    level: "error",
    plugin: "bad",
    callback: "b",
    event_id: first,
    code: "CALLBACK_FAILED",
  });
  expect(failure.stack).toContain("bad.ts:8");
  await until(() => notes(folder, "good").length === 3);
  await until(() => lane(daemon, "bad").activity === "failed");
  expect(lane(daemon, "bad")).toMatchObject({
    backlog: 3,
    failure: { eventId: first, callback: "b", attempts: 1 },
  });
  writeFileSync(join(folder, "plugins/bad.ts"), twoCallbacks(false));
  await until(() => notes(folder, "b").length === 3);
  // a had finished the first event: it is not called for it again
  expect(ids(folder, "a")).toEqual([first, first + 1, last]);
  expect(ids(folder, "b")).toEqual([first, first + 1, last]);
  expect(lane(daemon, "bad").failure).toBe(null);
});

it("stopOnError: false records the failure and goes on with the next callback and the next event", async () => {
  const { sandbox, folder, daemon, log } = await daemonWith({ "bad.ts": twoCallbacks(true, false) });
  const { last } = sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => notes(folder, "c").length === 2);
  expect(lane(daemon, "bad").activity).toBe("running");
  expect(log.lines.filter(({ message }) => message.includes("b failed on event"))).toHaveLength(2);
  expect(ids(folder, "c").at(-1)).toBe(last);
});

it("retries as the policy says, and does what the thrown value asks for", async () => {
  const source = `
    import { appendFileSync } from "node:fs";
    import { RetryAfter, SkipEvent, StopPlugin, type Registrar } from "callsheet";
    const calls = new Map<number, number>();
    let first = 0;
    export function registerCallbacks(reg: Registrar) {
      reg.registerCallback({
        scriptName: "s", scriptKey: "k", name: "picky", retry: { attempts: 2, backoff: "1ms" },
        callback: (_sg, _logger, event) => {
          first ||= event.id;
          const n = (calls.get(event.id) ?? 0) + 1;
          calls.set(event.id, n);
          appendFileSync(new URL("../notes", import.meta.url), JSON.stringify({ file: "picky", id: event.id, n }) + "\\n");
          if (event.id === first && n < 3) throw new Error("not yet");
          if (event.id === first + 1 && n < 2) throw new RetryAfter(1);
          if (event.id === first + 2) throw new SkipEvent("not mine");
          if (event.id === first + 3) throw new StopPlugin("enough");
        },
      });
    }`;
  const { sandbox, folder, daemon, log } = await daemonWith({ "picky.ts": source });
  const { first } = sandbox.site.events.add([CHANGE, CHANGE, CHANGE, CHANGE]);
  await until(() => lane(daemon, "picky").activity === "failed");
  const calls = notes(folder, "picky").map(({ id, n }) => [id - first, n]);
  expect(calls).toEqual([
    [0, 1],
    [0, 2],
    [0, 3],
    [1, 1],
    [1, 2],
    [2, 1],
    [3, 1],
  ]);
  expect(lane(daemon, "picky").failure).toMatchObject({
    code: "CALLBACK_STOPPED_PLUGIN",
    message: "StopPlugin: enough",
  });
  expect(await log.line("not mine")).toMatchObject({ level: "info" });
});

it.each([
  ["an endless loop", "for (;;) {}", "CALLBACK_TIMEOUT"],
  ["a promise that never settles", "return new Promise(() => {});", "CALLBACK_TIMEOUT"],
  ["process.exit", "process.exit(3);", "HOST_EXITED"],
  [
    "an exception in a timer",
    "setTimeout(() => { throw new Error('late'); }); return new Promise(() => {});",
    "HOST_EXITED",
  ],
])("%s is that plugin's failure only, and the next code begins at that event", async (_, statement, code) => {
  const evil = (body: string) => `
    import { appendFileSync } from "node:fs";
    import type { Registrar } from "callsheet";
    export function registerCallbacks(reg: Registrar) {
      reg.registerCallback({ scriptName: "s", scriptKey: "k", name: "evil", timeout: 1500, callback: (_sg, _logger, event): unknown => {
        ${body}
        appendFileSync(new URL("../notes", import.meta.url), JSON.stringify({ file: "evil", id: event.id, redelivered: event.redelivered }) + "\\n");
        return null;
      } });
    }`;
  const { sandbox, folder, daemon, log } = await daemonWith({
    "evil.ts": evil(statement),
    "good.ts": recorder("good"),
  });
  const { first } = sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => lane(daemon, "evil").activity === "failed");
  expect(lane(daemon, "evil").failure).toMatchObject({ code, eventId: first, callback: "evil" });
  await log.line("evil failed on event");
  await until(() => notes(folder, "good").length === 2);
  writeFileSync(join(folder, "plugins/evil.ts"), evil(""));
  await until(() => notes(folder, "evil").length === 2);
  expect(notes(folder, "evil")).toMatchObject([
    { id: first, redelivered: true },
    { id: first + 1, redelivered: false },
  ]);
});
