/**
 * A day of a studio: people work on a site, and Python plugins of the kinds that studios have follow. Each test is a trick or
 * a dependency of real plugins, and looks at what the plugins that use it left on the site and in the log.
 */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../daemon/rig.ts";
import { withoutPython } from "../python.ts";
import { type Day, workADay } from "./day.ts";
import { openStudio, PLUGINS, type Studio } from "./studio.ts";

let studio: Studio;
let day: Day;

/** One record of the site, as it is at the end of the day. */
async function now(type: string, { id }: { id: number }, ...fields: string[]) {
  const record = await studio.site.findOne(type, [["id", "is", id]], fields);
  return Object.fromEntries(fields.map((field) => [field, record?.[field]]));
}

/** Who changed a field of a record, and in whose session. */
async function changes(type: string, { id }: { id: number }, field: string) {
  const entries = await studio.site.find(
    "EventLogEntry",
    [
      ["entity", "is", { type, id }],
      ["attribute_name", "is", field],
    ],
    ["user", "session_uuid"],
  );
  return entries.map(({ user, session_uuid }) => [(user as { name?: string } | null)?.name, session_uuid]);
}

const lane = (name: string) => studio.daemon.status().plugins.find((plugin) => plugin.name === name)!;

/** Row of the table of tricks → its plugins, and what is seen of it. */
const ROWS: Record<string, [plugins: string[], check: () => void | Promise<void>]> = {
  "credentials from the environment, dotted fields, batch, and the session of the event": [
    ["task_status_to_version"],
    async () => {
      expect(await now("Version", day.version, "sg_status_list")).toEqual({ sg_status_list: "apr" });
      expect(await changes("Version", day.version, "sg_status_list")).toContainEqual([
        "propagator",
        "0a1b2c3d-the-browser-of-ada",
      ]);
      expect(studio.lines("task_status_to_version")).toEqual([
        " debug Registered callback.",
        "propagate info anim: 1 version(s) of step Animation set to apr",
      ]);
    },
  ],
  "a name and key in the file: each plugin is its own script": [
    ["version_description"],
    async () => {
      expect(await now("Version", day.version, "description")).toEqual({ description: "status is apr" });
      const names = (await changes("Version", day.version, "description")).map(([name]) => name);
      expect(new Set(names)).toEqual(new Set(["hard_coded"]));
    },
  ],
  "a connection of its own and a look at the schema before it registers; or it returns without": [
    ["cut_duration", "cut_duration_misspelt"],
    async () => {
      expect(await now("Shot", day.shot, "sg_cut_duration")).toEqual({ sg_cut_duration: 48 });
      expect(studio.lines("cut_duration").slice(0, 2)).toEqual([
        " debug Registered callbacks.",
        `update_duration info duration of Shot ${day.shot.id} is now 48`,
      ]);
      expect(lane("cut_duration_misspelt")).toMatchObject({ callbacks: [], backlog: 0, loadError: null });
      expect(studio.lines("cut_duration_misspelt")).toEqual([
        " warn Shot.sg_no_such_field: API schema_field_read() Shot.sg_no_such_field doesn't exist.",
        " warn Plugin is not valid, will not register callback.",
      ]);
      expect(await studio.log.line(/loaded cut_duration_misspelt \(0 callbacks/)).toMatchObject({
        level: "warn",
      });
    },
  ],
  "a text in place of a list of fields": [
    ["version_description", "cut_duration"],
    () => {
      expect(lane("cut_duration").callbacks.map(({ matchEvents }) => matchEvents)).toEqual([
        { Shotgun_Shot_Change: "sg_cut_in" },
        { Shotgun_Shot_Change: "sg_cut_out" },
      ]);
      expect(studio.lines("version_description")).toContain("stamp info SQ010_0010_anim_v001 is apr");
    },
  ],
  "modules that lie beside the daemon's script, or on a path that was added by hand": [
    ["uses_studio_tools"],
    () => expect(studio.lines("uses_studio_tools")).toEqual(["show info /shots/sq010 bold"]),
  ],
  "arguments and globals as memory, and a sum made on the site": [
    ["time_rollup"],
    async () => {
      expect(await now("Task", day.task, "sg_description")).toEqual({ sg_description: "150 minutes logged" });
      expect(studio.lines("time_rollup")).toEqual([
        "roll_up info 1 handled, [60], 1 task(s)",
        "roll_up info 2 handled, [60, 90], 1 task(s)",
      ]);
    },
  ],
  "callbacks that rely on the ones before them": [
    ["shared_state"],
    () =>
      expect(studio.lines("shared_state")).toEqual(["third info first second third, rating 2, noted: True"]),
  ],
  "Python 2": [
    ["old_report"],
    () => {
      expect(lane("old_report").loadError).toMatchObject({
        code: "PLUGIN_SYNTAX",
        message: expect.stringMatching(
          /old_report\.py:10: this is Python 2 .*, and the interpreter is Python 3/,
        ),
      });
    },
  ],
  "the time of an event written back as it is": [
    ["record_login"],
    async () => {
      const entry = await studio.site.findOne(
        "EventLogEntry",
        [["event_type", "is", "Shotgun_User_Login"]],
        ["created_at"],
      );
      expect(await now("HumanUser", day.producer, "sg_last_seen")).toEqual({
        sg_last_seen: entry?.created_at,
      });
      expect(studio.lines("record_login")).toEqual([
        "record info None None LocalTimezone",
        "record info the same moment: True",
      ]);
    },
  ],
  "a user, a project or a field that is None; every field is there; an event's dict is the plugin's own": [
    ["notify_chat", "record_login", "sees_event_fresh", "shared_state"],
    () =>
      expect(studio.lines("sees_event_fresh")).toEqual([
        "look info attribute_name,created_at,entity,event_type,id,meta,project,session_uuid,type,user",
      ]),
  ],
  "levels, %-arguments, exceptions, handlers and other loggers": [
    ["audit_trail"],
    () => {
      const [debug, warning, caught, library] = studio.lines("audit_trail");
      expect([debug, warning, library]).toEqual([
        "log debug debug Shotgun_Sequence_New",
        "log warn warning 2",
        " info studio.library: from a library",
      ]);
      expect(caught).toMatch(
        /^log error caught\nTraceback .*\n {2}File ".*audit_trail\.py", line \d+, in log\n.*KeyError: 'missing'$/s,
      );
      expect(readFileSync(join(studio.shots, "audit.log"), "utf8")).toMatch(
        /^DEBUG plugin\.audit_trail\.log debug Shotgun_Sequence_New\nWARNING plugin\.audit_trail\.log warning 2\nERROR /,
      );
    },
  ],
  "print and sleep": [
    ["folder_creator", "note_subject"],
    async () => {
      expect(studio.lines("folder_creator")).toContain(" info made 3 folders for SQ010_0010");
      expect(await now("Note", day.note, "subject", "sg_status_list")).toEqual({
        subject: "Ada Moreau on SQ010_0010",
        sg_status_list: "ip",
      });
    },
  ],
  "HTTP in a callback, with the old limit for sockets": [
    ["notify_chat"],
    () => {
      const name = studio.sandbox.scriptName;
      expect(studio.posted).toEqual([
        { channel: "#animation", text: `${name} set anim to wtg`, color: null },
        { channel: "#animation", text: `${name} set anim to fin`, color: "good" },
      ]);
      expect(studio.lines("notify_chat")).toContain("notify info chat said ok; sockets wait 60.0 s");
    },
  ],
  "folders and files, the callback a method that is kept": [
    ["folder_creator"],
    () => {
      const folder = join(studio.shots, "Lighthouse", "SQ010", "SQ010_0010");
      for (const step of ["anim", "light", "comp"])
        expect(statSync(join(folder, step)).isDirectory()).toBe(true);
      expect(lane("folder_creator").callbacks.map(({ name }) => name)).toEqual(["main"]);
    },
  ],
  "the environment: a .env file over it at import, variables set in a callback, who runs it": [
    ["env_settings", "sees_environment"],
    () => {
      expect(studio.lines("env_settings")).toEqual(["show info facility london, user known: True"]);
      expect(studio.lines("sees_environment")).toEqual(["show info facility paris, last event None"]);
    },
  ],
  "a class of another file, which is no plugin; a callable object with a name that lasts": [
    ["handler_base", "reply_handler"],
    async () => {
      expect(lane("reply_handler").callbacks.map(({ name }) => name)).toEqual(["ReplyHandler_1"]);
      expect(studio.lines("reply_handler").at(-1)).toBe(
        "ReplyHandler_1 info reply to Ada Moreau on SQ010_0010",
      );
      const line = await studio.log.line("handler_base");
      expect(line).toMatchObject({ level: "info" });
      expect(line.message).toContain("has no function registerCallbacks");
    },
  ],
  "threads, programs and processes, one of them left behind": [
    ["render_submit"],
    () => {
      expect(studio.lines("render_submit")).toEqual([
        " info from the shell",
        "submit info job 12 for SQ010_0010_anim_v001, Lighthouse, [1, 4, 9], True",
      ]);
    },
  ],
  "members of a project, by update mode; the key * hides what stands beside it": [
    ["assignee_to_project"],
    async () => {
      expect(await now("Project", day.project, "users")).toMatchObject({ users: [{ id: day.ada.id }] });
      expect(lane("assignee_to_project")).toMatchObject({ failure: null });
      expect(studio.lines("assignee_to_project")).toEqual([
        "add_to_project info added Ada Moreau to Lighthouse",
      ]);
    },
  ],
  "dataclasses, annotations that are texts, pickles, and a plugin that imports another": [
    ["delivery_slips", "notify_chat"],
    () => expect(studio.lines("delivery_slips")).toEqual(["keep info SQ010_0010; done is good"]),
  ],
  "a callback that fails and is registered to go on; filters that match all and nothing": [
    ["clumsy"],
    async () => {
      expect(studio.lines("clumsy")).toEqual(["walk info walked on"]);
      const line = await studio.log.line("stumble failed");
      expect(line.message).toContain("RuntimeError: stumbled over SQ010 with 18 characters");
      expect(JSON.stringify(line)).not.toContain("very-secret-indeed");
      expect(lane("clumsy")).toMatchObject({ failure: null, backlog: 0 });
    },
  ],
  "files to the site and back": [
    ["thumbnails"],
    async () => {
      expect(studio.lines("thumbnails")).toEqual([
        "exchange info 7000 bytes back, 7000 on disk, thumbnail: True",
      ]);
      expect(await now("Version", day.version, "sg_uploaded_movie")).toMatchObject({
        sg_uploaded_movie: { name: "Review" },
      });
    },
  ],
};

describe.skipIf(withoutPython)("the plugins of a studio:", () => {
  beforeAll(async () => {
    studio = await openStudio();
    day = await workADay(studio);
    await studio.quiet();
  }, 180_000);

  afterAll(async () => {
    const left = Number(readFileSync(join(studio.shots, "left.pid"), "utf8"));
    await studio.close();
    await until(() => !existsSync(`/proc/${left}`));
  });

  test.each(Object.entries(ROWS))("%s", (_, [, check]) => check());

  test("every plugin of the folder stands in a row, and every name in a row is a plugin", () => {
    const named = new Set(Object.values(ROWS).flatMap(([plugins]) => plugins));
    const there = globSync("*.py", { cwd: PLUGINS }).map((file) => file.replace(/\.py$/, ""));
    expect([...named].sort()).toEqual(there.sort());
  });
});
