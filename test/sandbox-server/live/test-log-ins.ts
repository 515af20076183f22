/** TestErrors, the log-in classes, TestExportPage and TestProjectLastAccessedByCurrentUser. */
import { expect, test } from "vitest";
import { PNG } from "../forms.ts";
import type { PythonClient } from "./client.ts";
import { type Live, type LogIn, liveClass, type Suite } from "./suite.ts";
import { showsTransient } from "./test-shotgun-api-files.ts";

export function testErrors(suite: () => Suite): void {
  liveClass("TestErrors", suite, "script", (live) => {
    test("test_bad_auth", async () => {
      const { scriptAuth, humanAuth, sg, suite } = live;
      for (const auth of [
        { ...scriptAuth, script_name: "not_real_script_name" },
        { ...scriptAuth, script_key: "notrealapikey" },
        { ...humanAuth, user_password: "not a real password" },
      ])
        await expect(live.connect(auth).findOne("Shot", [])).rejects.toMatchObject({ code: 102 });
      const user = await sg.findOne("HumanUser", [["login", "is", suite.login]]);
      const unlocked = await sg.update("HumanUser", user!.id, { locked_until: null });
      expect(unlocked).toEqual({ type: "HumanUser", id: live.human.id, locked_until: null });
      expect(await live.connect(humanAuth).findOne("Project", [])).not.toBeNull();
    });
  });
}

export function testScriptUserSudoAuth(suite: () => Suite): void {
  liveClass("TestScriptUserSudoAuth", suite, "script", (live) => {
    test("test_user_is_creator", async () => {
      const { sg, project, human, asset } = live;
      await sg.update("HumanUser", human.id, { projects: [project] });
      const sudo = live.connect({ ...live.scriptAuth, sudo_as_login: live.suite.login });
      const data = {
        project,
        code: "JohnnyApple_Design01_FaceFinal",
        description: "fixed rig per director final notes",
        sg_status_list: "na",
        entity: asset,
        user: human,
      };
      const version = await sudo.create("Version", data, ["id", "created_by"]);
      expect(version.created_by).toEqual({ type: "HumanUser", id: human.id, name: live.suite.humanName });
    });
  });
}

export function testHumanUserSudoAuth(suite: () => Suite): void {
  liveClass("TestHumanUserSudoAuth", suite, "human", (live) => {
    test("test_human_user_sudo_auth_fails", async () => {
      const sudo = live.connect({ ...live.humanAuth, sudo_as_login: "blah" });
      await expect(sudo.findOne("Shot", [])).rejects.toThrow(/^The user does not have permission to 'sudo':/);
    });
  });
}

export function testPeople(suite: () => Suite): void {
  for (const [name, logIn] of [
    ["TestHumanUserAuth", "human"],
    ["TestSessionTokenAuth", "session"],
  ] as [string, LogIn][])
    liveClass(name, suite, logIn, (live) => {
      test("test_humanuser_find", async () => {
        const { sg, project, version } = live;
        const filters = [
          ["project", "is", project],
          ["id", "is", version.id],
        ] as [string, string, unknown][];
        expect(await sg.find("Version", filters)).toEqual([{ type: "Version", id: version.id }]);
      });

      test("test_humanuser_upload_thumbnail_for_version", async () => {
        const { sg, version } = live;
        expect(await sg.upload("Version", version.id, "sg_logo.jpg", PNG, "image")).toBeGreaterThan(0);
        const row = await sg.findOne("Version", [["id", "is", version.id]], ["image"]);
        await showsTransient(sg, row!.image);
        expect(await sg.update("Version", version.id, { image: null })).toEqual({
          type: "Version",
          id: version.id,
          image: null,
        });
      });
    });
}

export function testExportPage(suite: () => Suite): void {
  liveClass("TestExportPage", suite, "human", (live) => {
    test("test_export_page_unavailable, _without_layout_name", async () => {
      const { id } = await live.sg.create("Page", { entity_type: "Shot" });
      for (const layout_name of [null, "layout"])
        await expect(
          live.sg.rpc("export_page", { format: "csv", page_id: id, layout_name }),
        ).rejects.toMatchObject({ message: `Export for Page id=${id} not available` });
      await expect(live.sg.rpc("export_page", { format: "csv", page_id: 11 })).rejects.toMatchObject({
        message: "Export for Page id=11 not available",
      });
    });

    test.each([
      ["'format' missing", { page_id: 11 }],
      ["'format' missing", { page_id: 11, layout_name: "My Layout" }],
      ["'page_id' missing", { format: "csv" }],
      ["'page_id' missing", { format: "csv", layout_name: "My Layout" }],
    ])("test_export_page_…_missing: %s %j", async (message, payload) => {
      await expect(live.sg.rpc("export_page", payload)).rejects.toThrow(message);
    });
  });
}

export function testProjectLastAccessed(suite: () => Suite): void {
  liveClass("TestProjectLastAccessedByCurrentUser", suite, "script", (live) => {
    test("test_logged_in_user", async () => {
      const person = live.connect(live.humanAuth);
      await person.updateProjectLastAccessed(live.project);
      const before = await lastAccess(live, person);
      expect(before).not.toBeNull();
      await nextSecond(before);
      await person.updateProjectLastAccessed(live.project);
      expect((await lastAccess(live, person))! > before!).toBe(true);
    });

    test("test_pass_in_user", async () => {
      const person = live.connect(live.humanAuth);
      const before = await lastAccess(live, person);
      await nextSecond(before);
      await live.sg.updateProjectLastAccessed(live.project, live.human);
      expect((await lastAccess(live, person))! > (before ?? "")).toBe(true);
    });

    test("test_sudo_as_user", async () => {
      const sudo = live.connect({ ...live.scriptAuth, sudo_as_login: live.suite.login });
      const before = await lastAccess(live, sudo);
      await nextSecond(before);
      await sudo.updateProjectLastAccessed(live.project);
      expect((await lastAccess(live, sudo))! > (before ?? "")).toBe(true);
    });
  });
}

async function lastAccess({ project }: Live, sg: PythonClient): Promise<string | null> {
  const field = "last_accessed_by_current_user";
  return (await sg.findOne("Project", [["id", "is", project.id]], [field]))![field] as string | null;
}

/** The site's clock is this machine's. */
async function nextSecond(time: string | null): Promise<void> {
  const past = Date.parse(time ?? "1970-01-01") + 1000;
  while (Date.now() < past) await new Promise(setImmediate);
}
