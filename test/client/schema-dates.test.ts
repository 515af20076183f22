/** Dates by the schema: only what the site calls a date_time becomes one. */
import { Shotgun } from "callsheet/client";
import { expect, test } from "vitest";
import { openSandbox } from "../../src/sandbox/open.ts";
import { connect, rejection } from "./connect.ts";
import { page, Recorder } from "./recorder.ts";

const MOMENT = "2016-05-03T04:50:30Z";
const field = (dataType: string) => ({ data_type: { value: dataType, editable: false } });
const SCHEMA: Record<string, object> = {
  Note: { content: field("text"), created_at: field("date_time"), meta: field("serializable") },
  Shot: { code: field("text"), updated_at: field("date_time") },
};
const record = {
  type: "Note",
  id: 1,
  content: MOMENT,
  created_at: MOMENT,
  meta: { new_value: MOMENT },
  "note_links.Shot.updated_at": MOMENT,
  "note_links.Shot.code": MOMENT,
};
const converted = {
  ...record,
  created_at: new Date(MOMENT),
  "note_links.Shot.updated_at": new Date(MOMENT),
};

const open = () =>
  Recorder.open(({ body: { method_name: method, params } }) => {
    const { type } = (params[1] ?? {}) as { type?: string };
    if (method === "schema_field_read") return { body: { results: SCHEMA[type!] } };
    return method === "read"
      ? page([record, record])
      : { body: { results: method === "batch" ? [record, true] : record } };
  });

const asked = (site: Recorder) => site.requests.map(({ body }) => body.method_name);

test("only date_time fields become dates, also behind links", async () => {
  await using site = await open();
  await using client = connect(site.url, { dates: "schema" });
  expect(await client.sg.find("Note", [])).toEqual([converted, converted]);
  expect(await client.sg.create("Note", {})).toEqual(converted);
  expect(await client.sg.update("Note", 1, { content: MOMENT })).toEqual(converted);
  expect(
    await client.sg.batch([
      { request_type: "delete", entity_type: "Note", entity_id: 1 },
      { request_type: "delete", entity_type: "Note", entity_id: 1 },
    ]),
  ).toEqual([converted, true]);
});

test("the schema of an entity type is read once, and only when it is needed", async () => {
  await using site = await open();
  await using client = connect(site.url, { dates: "schema" });
  await Promise.all([client.sg.find("Note", []), client.sg.find("Note", [])]);
  await client.sg.delete("Note", 1).catch(() => {});
  expect(asked(site).sort()).toEqual(["delete", "read", "read", "schema_field_read", "schema_field_read"]);
});

test("a schema that cannot be read fails the call, and is asked for again", async () => {
  await using site = await Recorder.open(({ body }) =>
    body.method_name === "read" ? page([record]) : { status: 500 },
  );
  await using client = connect(site.url, { dates: "schema" });
  for (const _ of [1, 2]) {
    const error = await rejection(client.sg.find("Note", []));
    expect(error).toMatchObject({ method: "schemaFieldRead", entityType: "Note", status: 500 });
  }
  expect(asked(site)).toEqual(["read", "schema_field_read", "read", "schema_field_read"]);
});

test("against a site: a description that is a moment stays a text", async () => {
  await using site = await openSandbox();
  const { scriptName, scriptKey } = site;
  await using sg = new Shotgun(site.url, { scriptName, scriptKey, dates: "schema" });
  const project = await sg.create("Project", { name: "film" });
  const shot = await sg.create("Shot", { project, code: "sh010", description: MOMENT }, [
    "description",
    "created_at",
  ]);
  expect(shot).toMatchObject({ description: MOMENT, created_at: expect.any(Date) });
});
