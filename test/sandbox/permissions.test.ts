import { describe, expect, test } from "vitest";
import { Site } from "../../src/sandbox/site.ts";
import { fieldList, group, refusal, SCRIPT, Studio } from "./studio.ts";

const LIMITED = { script_name: "limited", script_key: "key of the limited" };

/** A site with a script that may not do what `deny` says; the studio's calls are made by it. */
function limited(...deny: string[]): { studio: Studio; asLimited: <T>(work: () => T) => T } {
  const studio = new Studio({
    scripts: [
      { name: SCRIPT.script_name, key: SCRIPT.script_key },
      { name: LIMITED.script_name, key: LIMITED.script_key, deny },
    ],
  });
  const asLimited = <T>(work: () => T): T => {
    studio.auth = LIMITED;
    try {
      return work();
    } finally {
      studio.auth = SCRIPT;
    }
  };
  return { studio, asLimited };
}

describe("a script with rules", () => {
  test("may not write a field, in an update, a create or a batch", () => {
    const { studio, asLimited } = limited("update_field Shot.description");
    const shot = studio.make("Shot");
    const rule =
      "[Shot.description]. Rule: Only limited -- PermissionRule 1: DENY update_field FOR Shot.description";
    const refusedFor = (method: string) =>
      `104 API ${method}() CRUD ERROR #4.1: The field is not editable for this user: ${rule}`;
    expect(asLimited(() => refusal(() => studio.update(shot, { description: "x" })))).toBe(
      refusedFor("update"),
    );
    expect(asLimited(() => refusal(() => studio.make("Shot", { description: "x" })))).toBe(
      refusedFor("create"),
    );
    const fields = fieldList({ description: "x" });
    const items = [{ request_type: "update", type: "Shot", id: shot.id, fields }];
    expect(asLimited(() => refusal(() => studio.call("batch", items)))).toContain(
      refusedFor("update").slice(4),
    );
    asLimited(() => studio.update(shot, { code: "sh010" }));
    expect(studio.get(shot, "code", "description")).toMatchObject({ code: "sh010", description: null });
    studio.update(shot, { description: "by the other script" });
  });

  test.each<[string, string, (studio: Studio) => unknown]>([
    ["create_entity Shot", "created", (studio) => studio.make("Shot")],
    ["update_entity Shot", "updated", (studio) => studio.update({ type: "Shot", id: 1 }, { code: "x" })],
    ["delete_entity Shot", "deleted", (studio) => studio.delete({ type: "Shot", id: 1 })],
  ])("%s", (rule, word, work) => {
    const { studio, asLimited } = limited(rule);
    studio.make("Shot", { code: "sh010" });
    expect(asLimited(() => refusal(() => work(studio)))).toMatch(
      new RegExp(
        `^104 API \\w+\\(\\) CRUD ERROR #4.1: Shot can not be ${word} by this user. Rule: .* DENY ${rule.split(" ")[0]} FOR Shot$`,
      ),
    );
    expect(studio.find("Shot", [], ["code"])).toEqual([{ type: "Shot", id: 1, code: "sh010" }]);
    expect(refusal(() => work(studio))).toBe("no refusal");
  });

  test("finds no rows of a type that it may not read", () => {
    const { studio, asLimited } = limited("read_entity Note");
    studio.make("Note", { content: "for the supervisors" });
    expect(studio.find("Note")).toHaveLength(1);
    expect(asLimited(() => studio.find("Note"))).toEqual([]);
    const count = {
      type: "Note",
      filters: group("and", []),
      summaries: [{ field: "id", type: "count" }],
    };
    expect(asLimited(() => studio.call("summarize", count))).toMatchObject({ summaries: { id: 0 } });
  });

  test("does not get a field that it may not read, also over a link", () => {
    const { studio, asLimited } = limited("read_field HumanUser.email");
    const jane = { type: "HumanUser", id: 1 };
    studio.update(jane, { email: "jane@example.com" });
    const task = studio.make("Note", { user: jane });
    expect(asLimited(() => studio.get(jane, "login", "email"))).toEqual({ ...jane, login: "jane" });
    expect(JSON.stringify(asLimited(() => studio.get(task, "user.HumanUser.email")))).not.toContain(
      "example",
    );
    expect(studio.get(task, "user.HumanUser.email")).toMatchObject({
      "user.HumanUser.email": "jane@example.com",
    });
  });

  test("may not act for a person", () => {
    const { studio } = limited("sudo");
    studio.auth = { ...LIMITED, sudo_as_login: "jane" };
    expect(refusal(() => studio.find("Shot"))).toMatch(/^102 The user does not have permission to 'sudo':/);
  });

  test("acting for a person, has that person's rules and not its own", () => {
    const { studio } = limited("create_entity Shot");
    studio.auth = { ...LIMITED, sudo_as_login: "jane" };
    expect(refusal(() => studio.make("Shot"))).toBe("no refusal");
  });
});

test("people have rules as well", () => {
  const user_password = "p";
  const studio = new Studio({
    users: [{ login: "jane", password: user_password, deny: ["delete_entity Shot"] }],
  });
  const shot = studio.make("Shot");
  studio.auth = { user_login: "jane", user_password };
  expect(refusal(() => studio.delete(shot))).toContain("Rule: Only jane -- PermissionRule");
});

test.each([
  "",
  "fly Shot",
  "create_entity",
  "create_entity Nope",
  "update_field Shot",
  "update_field Shot.nope",
  "sudo Shot",
])("%j is no rule", (rule) => {
  expect(() => Site.open({ scripts: [{ name: "s", key: "k", deny: [rule] }] })).toThrow(
    expect.objectContaining({ code: "USAGE" }),
  );
});
