import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startArtists } from "../../src/sandbox/artists.ts";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { startRecording } from "../../src/sandbox/recording/record.ts";
import { startReplay } from "../../src/sandbox/recording/replay.ts";
import { rpc, sandboxForTest } from "./wire.ts";

function fileForTest(): string {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-day-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "day.jsonl");
}

function call(sandbox: Sandbox, method: string, payload: object, login?: string): Record<string, unknown> {
  const auth = { script_name: sandbox.scriptName, script_key: sandbox.scriptKey };
  const sudo = login === undefined ? {} : { sudo_as_login: login };
  return sandbox.site.call(method, [{ ...auth, ...sudo }, payload]) as Record<string, unknown>;
}

function create(sandbox: Sandbox, type: string, fields: object, login?: string) {
  const list = Object.entries(fields).map(([field_name, value]) => ({ field_name, value }));
  const { id } = call(sandbox, "create", { type, fields: list, return_fields: ["id"] }, login);
  return { type, id: id as number };
}

/** What the log says, without ids and clocks. */
function events(sandbox: Sandbox, after: number): string[] {
  const filters = {
    logical_operator: "and",
    conditions: [{ path: "id", relation: "greater_than", values: [after] }],
  };
  const return_fields = ["event_type", "attribute_name", "entity", "user"];
  const paging = { entities_per_page: 5000, current_page: 1 };
  const { entities } = call(sandbox, "read", { type: "EventLogEntry", filters, return_fields, paging });
  return (entities as Record<string, { name?: string }>[]).map(
    ({ event_type, attribute_name, entity, user }) =>
      [event_type, attribute_name, entity?.name, user?.name].join(" "),
  );
}

test("a day of artists' work is done again: the same events, by the same people, on rows with other ids", async () => {
  const file = fileForTest();
  const first = await sandboxForTest({ studio: "small" });
  const before = first.site.events.newestId;
  const recording = startRecording(first, file);
  const artists = startArtists(first, { count: 3, pace: 5, seed: 7 });
  await first.requests.waitFor(() => recording.count >= 60);
  await artists.stop();
  recording.stop();
  // Before anything else can be written: a request that was cut off may still be carried out.
  const told = events(first, before);
  const second = await sandboxForTest({ studio: "small" });
  // Rows that the first site did not have, so that all new ids differ.
  const project = { type: "Project", id: 3 };
  for (const type of ["Version", "Note", "Task", "Shot"]) create(second, type, { project });
  const from = second.site.events.newestId;
  const replay = startReplay(second, file, { speed: Number.POSITIVE_INFINITY });
  await replay.ended;
  expect(replay).toMatchObject({ done: recording.count, total: recording.count, refused: 0 });
  const strip = (lines: string[]) => lines.map((line) => line.replace(/New \w+ \d+/, "New"));
  expect(strip(events(second, from))).toEqual(strip(told));
});

test("refused writes and secrets are not kept; each line is there at once", async () => {
  const file = fileForTest();
  const sandbox = await sandboxForTest();
  const recording = startRecording(sandbox, file);
  onTestFinished(() => recording.stop());
  create(sandbox, "HumanUser", { login: "ana", name: "Ana", password_proxy: "s3cret" });
  expect(() => create(sandbox, "Shot", {})).toThrow("missing 'project'");
  await rpc(sandbox, "schema_entity_read");
  const lines = readFileSync(file, "utf8").trim().split("\n");
  expect(lines).toHaveLength(2);
  expect(JSON.parse(lines[1]!)).toMatchObject({
    method: "create",
    login: null,
    result: { type: "HumanUser" },
  });
  expect(lines[1]).not.toContain("s3cret");
  expect(recording.count).toBe(1);
  recording.stop();
  create(sandbox, "Project", { name: "Later" });
  expect(readFileSync(file, "utf8")).not.toContain("Later");
});

test("the recorded pace is kept, and a replay can be stopped", async () => {
  const file = fileForTest();
  const step = (ms: number, name: string) =>
    JSON.stringify({
      ms,
      method: "create",
      payload: { type: "Project", fields: [{ field_name: "name", value: name }], return_fields: ["id"] },
      login: null,
      result: null,
    });
  writeFileSync(file, `{"callsheet_recording":1}\n${step(0, "One")}\n${step(3_600_000, "Two")}\n`);
  const sandbox = await sandboxForTest();
  const replay = startReplay(sandbox, file);
  while (replay.done < 1) await new Promise(setImmediate);
  await replay.stop();
  expect(replay).toMatchObject({ done: 1, total: 2 });
});

test("files that are no recordings, and files that are there already", async () => {
  const file = fileForTest();
  const sandbox = await sandboxForTest();
  expect(() => startReplay(sandbox, file)).toThrow("cannot be replayed");
  writeFileSync(file, "hello\n");
  expect(() => startReplay(sandbox, file)).toThrow("first line");
  writeFileSync(file, '{"callsheet_recording":1}\n{"ms":1}\n');
  expect(() => startReplay(sandbox, file)).toThrow("line 2 is not a recorded write");
  expect(() => startRecording(sandbox, file)).toThrow("there is such a file already");
});
