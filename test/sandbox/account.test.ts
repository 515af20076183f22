import { describe, expect, test } from "vitest";
import schema from "../../src/sandbox/schema/sandbox-schema.json" with { type: "json" };
import { link, refusal, SCRIPT, Studio } from "./studio.ts";

const JANE = { user_login: "jane", user_password: "secret of jane" };

describe("preferences", () => {
  const read = (prefs?: unknown) => new Studio().call("preferences_read", { prefs });

  test("all, in the values that the live tests compare", () => {
    expect(read([])).toEqual(schema.preferences);
    expect(read()).toEqual(schema.preferences);
    expect(Object.keys(schema.preferences)).toHaveLength(17);
  });

  test("those named; unknown names are left out", () => {
    expect(read(["date_component_order", "nope", "toString"])).toEqual({ date_component_order: "month_day" });
    expect(read(["nope"])).toEqual({});
  });
});

describe("export of a page", () => {
  const studio = new Studio();
  const page = (payload: object) => refusal(() => studio.call("export_page", payload));

  test("is not available, in the site's words", () => {
    studio.auth = JANE;
    const { id } = studio.create("Page", { name: "Shots" });
    expect(page({ page_id: id, format: "csv", layout_name: null })).toBe(
      `104 Export for Page id=${id} not available`,
    );
  });

  test("names what is missing", () => {
    expect(page({ page_id: 1, format: null, layout_name: null })).toBe(
      "103 API export_page() 'format' missing",
    );
    expect(page({ page_id: null, format: "csv" })).toBe("103 API export_page() 'page_id' missing");
  });
});

test("pages are made by people", () => {
  const studio = new Studio();
  expect(refusal(() => studio.create("Page", { name: "x" }))).toMatch(
    /^104 .*HumanUser\(#\d+\) expected, got ApiUser\(#1\)/,
  );
  studio.auth = { ...SCRIPT, sudo_as_login: "jane" };
  expect(studio.create("Page", { name: "x" }).type).toBe("Page");
});

describe("subscriptions", () => {
  test("are kept for each person", () => {
    const studio = new Studio();
    const create = (users: unknown) => studio.call("user_subscriptions_create", { users });
    expect(studio.call("user_subscriptions_read")).toEqual([{ humanUserId: 1, subscription: [] }]);
    expect(create([{ humanUserId: 1, subscription: ["abc"] }])).toEqual({ status: "success" });
    expect(studio.call("user_subscriptions_read")).toEqual([{ humanUserId: 1, subscription: ["abc"] }]);
    expect(create([{ humanUserId: 1, subscription: null }])).toEqual({ status: "success" });
    expect(studio.call("user_subscriptions_read")).toEqual([{ humanUserId: 1, subscription: [] }]);
  });

  test("are all set or none", () => {
    const studio = new Studio();
    const create = (users: unknown) => studio.call("user_subscriptions_create", { users });
    const good = { humanUserId: 1, subscription: ["abc"] };
    for (const bad of [{ humanUserId: 99 }, { humanUserId: 1, subscription: "x" }, {}, null, 3])
      expect(create([good, bad])).toEqual({ status: "error" });
    expect(studio.call("user_subscriptions_read")).toEqual([{ humanUserId: 1, subscription: [] }]);
    expect(refusal(() => create("jane"))).toMatch(/^103 .*'users'/);
  });
});

describe("when a project was accessed last", () => {
  function site() {
    let at = new Date("2026-05-13T10:20:30Z").getTime();
    const studio = new Studio({
      now: () => new Date(at),
      users: [
        { login: "jane", password: JANE.user_password },
        { login: "joe", password: "p" },
      ],
    });
    const seen = (auth = studio.auth) => {
      studio.auth = auth;
      return studio.get(studio.project, "last_accessed_by_current_user").last_accessed_by_current_user;
    };
    const access = (auth: object, user_id?: number) => {
      studio.auth = { ...auth };
      return studio.call("update_project_last_accessed_by_current_user", {
        project_id: studio.project.id,
        user_id,
      });
    };
    const pass = () => {
      at += 2000;
    };
    return { studio, seen, access, pass };
  }

  test("is written like any field, for the caller alone", () => {
    const { studio, seen } = site();
    studio.auth = JANE;
    const field = "last_accessed_by_current_user";
    const at = "2026-01-02T03:04:05Z";
    expect(studio.update(studio.project, { [field]: at })[field]).toBe(at);
    expect(seen(SCRIPT)).toBeNull();
    expect(seen(JANE)).toBe(at);
    expect(studio.update(studio.project, { [field]: null })[field]).toBeNull();
  });

  test("is each person's own, by password, sudo or by name", () => {
    const { studio, seen, access, pass } = site();
    const joe = { user_login: "joe", user_password: "p" };
    expect(seen(JANE)).toBeNull();
    expect(access(JANE)).toEqual([
      { type: "Project", id: studio.project.id, last_accessed_by_current_user: "2026-05-13T10:20:30Z" },
    ]);
    expect(seen(JANE)).toBe("2026-05-13T10:20:30Z");
    expect(seen(joe)).toBeNull();
    pass();
    access({ ...SCRIPT, sudo_as_login: "jane" });
    expect(seen(JANE)).toBe("2026-05-13T10:20:32Z");
    pass();
    access(SCRIPT, 1);
    expect(seen(JANE)).toBe("2026-05-13T10:20:34Z");
    expect(seen(SCRIPT)).toBeNull();
    expect(seen(joe)).toBeNull();
  });

  test("filters and sorts for the caller", () => {
    const { studio, access, seen } = site();
    const other = studio.create("Project", { name: "Other" });
    access(JANE);
    const sorts = [{ field_name: "last_accessed_by_current_user", direction: "desc" }];
    expect(studio.ids("Project", [], { sorts })[0]).toBe(studio.project.id);
    const accessed = () => studio.ids("Project", [["last_accessed_by_current_user", "is_not", null]]);
    expect(accessed()).toEqual([studio.project.id]);
    seen(SCRIPT);
    expect(accessed()).toEqual([]);
    expect(link(other).type).toBe("Project");
  });

  test("is the caller's also when others call while the write is held", async () => {
    const { studio, seen } = site();
    const hold = studio.site.events.holdNext();
    const payload = { project_id: studio.project.id };
    const reply = studio.site.callJsonAsync("update_project_last_accessed_by_current_user", [JANE, payload]);
    expect(seen(SCRIPT)).toBeNull();
    hold.release();
    expect(JSON.parse(await reply).results[0].last_accessed_by_current_user).toBe("2026-05-13T10:20:30Z");
  });

  test("needs a project and a person that are there", () => {
    const { studio } = site();
    const access = (payload: object) =>
      refusal(() => studio.call("update_project_last_accessed_by_current_user", payload));
    expect(access({})).toMatch(/^103 .*'project_id'/);
    expect(access({ project_id: 999 })).toMatch(/^104 .*\[Project\] with id=999/);
    expect(access({ project_id: studio.project.id, user_id: 999 })).toMatch(/^103 .*'user_id': 999/);
  });
});
