import { describe, expect, test } from "vitest";
import { fieldList, type Row, SCRIPT, Studio } from "./studio.ts";

function visible(studio: Studio, after: number): number[] {
  return studio.events(after).map(({ id }) => id);
}

/** A write through the door that holds apply to; resolves with the reply. */
async function write(
  studio: Studio,
  method: string,
  payload: object,
): Promise<{ results?: Row; exception?: boolean; message?: string }> {
  return JSON.parse(await studio.site.callJsonAsync(method, [SCRIPT, payload]));
}

function newShot(studio: Studio, code: string): object {
  return { type: "Shot", fields: fieldList({ code, project: studio.project }), return_fields: ["code"] };
}

describe("ids without rows", () => {
  test("skipped ids are never filled", () => {
    const studio = new Studio();
    const last = studio.lastEvent;
    expect(studio.site.events.skipIds(3)).toEqual({ first: last + 1, last: last + 3 });
    studio.make("Shot", { code: "sh010" });
    expect(visible(studio, last)).toEqual([last + 4, last + 5, last + 6]);
  });

  test("a huge gap costs nothing", () => {
    const studio = new Studio();
    const last = studio.lastEvent;
    studio.site.events.skipIds(5_000_000_000);
    studio.site.events.add([{}]);
    expect(visible(studio, last)).toEqual([last + 5_000_000_001]);
  });

  test("a reservation becomes visible late, or never", () => {
    const studio = new Studio();
    const { events } = studio.site;
    const last = studio.lastEvent;
    const late = events.reserve(2);
    const never = events.reserve(2);
    events.add([{ event_type: "A" }]);
    expect(visible(studio, last)).toEqual([last + 5]);
    never.abandon();
    late.commit([{ event_type: "B", created_at: "2026-01-01T00:00:00Z" }]);
    expect(visible(studio, last)).toEqual([last + 1, last + 5]);
    expect(studio.find("EventLogEntry", [["id", "is", late.first]], ["event_type", "created_at"])).toEqual([
      { type: "EventLogEntry", id: late.first, event_type: "B", created_at: "2026-01-01T00:00:00Z" },
    ]);
    expect(() => late.commit()).toThrow(/settled already/);
    expect(() => events.reserve(1).commit([{}, {}])).toThrow(/do not fit/);
    expect(() => events.skipIds(0)).toThrow(/give 1 or more/);
  });

  test("rows that are made up read like a site's", () => {
    const studio = new Studio();
    const { first } = studio.site.events.reserve(1);
    studio.site.events.add([{}]);
    const [row] = studio.events(first, ["event_type", "meta", "entity", "user", "project"]);
    expect(row).toMatchObject({
      event_type: "Shotgun_Project_Change",
      meta: { type: "attribute_change", entity_type: "Project", entity_id: 1 },
      entity: { type: "Project", id: 1, name: "Template Project" },
      user: { type: "ApiUser", id: 1, name: "tester" },
    });
  });

  test("rows with ids of their own leave gaps, and must rise", () => {
    const studio = new Studio();
    const { events } = studio.site;
    const last = studio.lastEvent;
    events.add([{ id: last + 10 }, {}, { id: last + 20 }]);
    expect(visible(studio, last)).toEqual([last + 10, last + 11, last + 20]);
    expect(() => events.add([{ id: last + 5 }])).toThrow(/not above the last one/);
    expect(events.newestId).toBe(last + 20);
  });

  test("links of added rows read with the name given, until the site knows better", () => {
    const studio = new Studio();
    const last = studio.lastEvent;
    studio.site.events.add([{ entity: { type: "Shot", id: 1, name: "imagined" } }]);
    expect(studio.events(last)[0]!.entity).toEqual({ type: "Shot", id: 1, name: "imagined" });
    studio.make("Shot", { code: "real" });
    expect(studio.events(last)[0]!.entity).toEqual({ type: "Shot", id: 1, name: "real" });
  });
});

test("a failed write leaves a gap where its events would have been", () => {
  const studio = new Studio();
  const last = studio.lastEvent;
  const create = {
    request_type: "create",
    type: "Shot",
    fields: fieldList({ code: "x", project: studio.project }),
  };
  expect(() => studio.call("batch", [create, { request_type: "delete", type: "Shot", id: 999 }])).toThrow();
  studio.make("Shot", { code: "y" });
  expect(visible(studio, last)).toEqual([last + 4, last + 5, last + 6]);
});

describe("held transactions", () => {
  test("ids at once; data and events after the release; others commit meanwhile", async () => {
    const studio = new Studio();
    const last = studio.lastEvent;
    const hold = studio.site.events.holdNext();
    const held = write(studio, "create", newShot(studio, "late"));
    expect(studio.lastEvent).toBe(last + 3);
    const quick = await write(studio, "create", newShot(studio, "quick"));
    expect(quick.results).toMatchObject({ code: "quick" });
    expect(studio.find("Shot", [], ["code"]).map(({ code }) => code)).toEqual(["quick"]);
    expect(visible(studio, last)).toEqual([last + 4, last + 5, last + 6]);
    hold.release();
    expect((await held).results).toMatchObject({ code: "late" });
    await hold.released;
    expect(visible(studio, last)).toEqual([1, 2, 3, 4, 5, 6].map((at) => last + at));
    expect(studio.events(last)[0]!.entity).toMatchObject({ name: "late" });
    expect(studio.find("Shot", [], ["code"]).map(({ code }) => code)).toEqual(["quick", "late"]);
  });

  test("abandoned: a fault, no data, a gap for ever", async () => {
    const studio = new Studio();
    const last = studio.lastEvent;
    const hold = studio.site.events.holdNext();
    const held = write(studio, "create", newShot(studio, "never"));
    hold.abandon();
    expect(await held).toMatchObject({ exception: true, error_code: 104 });
    expect(studio.find("Shot")).toEqual([]);
    studio.site.events.add([{}]);
    expect(visible(studio, last)).toEqual([last + 4]);
  });

  test("a refused write passes the hold by; a read does not meet it", async () => {
    const studio = new Studio();
    const hold = studio.site.events.holdNext();
    expect(await write(studio, "update", { type: "Shot", id: 9, fields: [] })).toMatchObject({
      exception: true,
    });
    const last = studio.lastEvent;
    const held = write(studio, "create", newShot(studio, "late"));
    hold.release();
    await held;
    expect(visible(studio, last)).toEqual([last + 1, last + 2, last + 3]);
  });

  test("several holds meet the writes in order", async () => {
    const studio = new Studio();
    const last = studio.lastEvent;
    const [one, two] = [studio.site.events.holdNext(), studio.site.events.holdNext()];
    const writes = ["a", "b"].map((code) => write(studio, "create", newShot(studio, code)));
    two.release();
    await writes[1];
    expect(visible(studio, last)).toEqual([last + 4, last + 5, last + 6]);
    one.release();
    await writes[0];
    expect(visible(studio, last)).toHaveLength(6);
  });

  test("released before any write: nothing is held", async () => {
    const studio = new Studio();
    studio.site.events.holdNext().release();
    expect((await write(studio, "create", newShot(studio, "now"))).results).toMatchObject({ code: "now" });
  });
});

test("a restored site forgets events and gives their ids out again", () => {
  const studio = new Studio();
  const last = studio.lastEvent;
  studio.make("Shot", { code: "lost" });
  studio.site.events.restoreTo(last);
  expect(studio.lastEvent).toBe(last);
  studio.site.events.add([{ event_type: "again" }]);
  expect(studio.events(last)).toMatchObject([{ id: last + 1, event_type: "again" }]);
});
