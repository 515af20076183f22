/** What plugin authors write has to compile under strict TypeScript; `tsc` is the test, running it the proof of life. */
import { type EntityRecord, Fault, type Filter, type FindOptions, ShotgunError } from "callsheet/client";
import { expect, expectTypeOf, test } from "vitest";
import type { EntityLink, Event } from "../../src/event.ts";
import { connect, rejection } from "./connect.ts";
import { page, Recorder } from "./recorder.ts";

test("fields without casts, with and without types", async () => {
  await using site = await Recorder.open(() =>
    page([{ type: "Task", id: 7, sg_status_list: "fin", entity: null }]),
  );
  await using client = connect(site.url);
  const { sg } = client;
  const event = { entity: { type: "Task", id: 7 } } as Event;

  const loose = await sg.findOne("Task", [["id", "is", event.entity!.id]], ["entity", "sg_status_list"]);
  expectTypeOf(loose?.sg_status_list).toEqualTypeOf<unknown>();
  expectTypeOf(loose?.id).toEqualTypeOf<number | undefined>();
  expect(loose?.sg_status_list === "fin").toBe(true);

  type Task = { sg_status_list: string; entity: EntityLink | null };
  const typed = await sg.findOne<Task>("Task", [["id", "is", 7]], ["entity", "sg_status_list"]);
  expectTypeOf(typed?.sg_status_list).toEqualTypeOf<string | undefined>();
  expect(typed?.sg_status_list.toUpperCase()).toBe("FIN");
  expect(typed?.entity?.name).toBeUndefined();

  const [first] = await sg.find<Task>("Task", [["entity", "is", event.entity]]);
  expectTypeOf(first).toEqualTypeOf<EntityRecord<Task> | undefined>();
});

test("filters built up step by step, options built elsewhere", async () => {
  await using site = await Recorder.open(() => page([]));
  await using client = connect(site.url);
  const built = [["code", "is", "a"]];
  built.push(["code", "starts_with", "b"]);
  const filters: Filter[] = [...built, { filterOperator: "any", filters: built }];
  const signal: AbortSignal | undefined = undefined;
  const options: FindOptions = { signal, order: [{ field_name: "id", direction: "desc" }], limit: undefined };
  await client.sg.find("Shot", filters, ["code"] as const, options);
  await client.sg.find("Shot", built);
  expect(site.requests).toHaveLength(2);
});

test("errors told apart by class", async () => {
  await using site = await Recorder.open(() => ({
    body: { exception: true, error_code: 104, message: "no" },
  }));
  await using client = connect(site.url);
  const error = await rejection(client.sg.delete("Shot", 1));
  if (!(error instanceof Fault) || !(error instanceof ShotgunError)) throw error;
  expectTypeOf(error.errorCode).toEqualTypeOf<number | null>();
  expectTypeOf(error.retriable).toEqualTypeOf<boolean>();
  expect(error.describe()).toBe("SITE_FAULT: The site refused delete Shot 1: no.");
});
