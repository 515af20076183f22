/** The tricks and dependencies of real plugins, and what the plugins that use them left on the site and in the log. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Evening, looksAt } from "./evening.ts";

/** How its plugins were run. */
export interface Mode {
  /** True: in one process, as the Python daemon ran them. */
  together: boolean;
  umask: number;
}

/** Row of the table of tricks → its plugins, and what is seen of it once the day is over. */
export function rowsOf(
  at: Evening,
  mode: Mode,
): Record<string, [plugins: string[], check: () => void | Promise<void>]> {
  const { now, changes, lane } = looksAt(at);
  return {
    "credentials from the environment, dotted fields, batch, and the session of the event": [
      ["task_status_to_version"],
      async () => {
        expect(await now("Version", at.day.version, "sg_status_list")).toEqual({ sg_status_list: "apr" });
        expect(await changes("Version", at.day.version, "sg_status_list")).toContainEqual([
          "propagator",
          "0a1b2c3d-the-browser-of-ada",
        ]);
        expect(at.studio.lines("task_status_to_version")).toEqual([
          " debug Registered callback.",
          "propagate info anim: 1 version(s) of step Animation set to apr",
        ]);
      },
    ],
    "a name and key in the file: each plugin is its own script": [
      ["version_description"],
      async () => {
        expect(await now("Version", at.day.version, "description")).toEqual({ description: "status is apr" });
        const names = (await changes("Version", at.day.version, "description")).map(([name]) => name);
        expect(new Set(names)).toEqual(new Set(["hard_coded"]));
      },
    ],
    "a connection of its own and a look at the schema before it registers; or it returns without": [
      ["cut_duration", "cut_duration_misspelt"],
      async () => {
        expect(await now("Shot", at.day.shot, "sg_cut_duration")).toEqual({ sg_cut_duration: 48 });
        expect(at.studio.lines("cut_duration").slice(0, 2)).toEqual([
          " debug Registered callbacks.",
          `update_duration info duration of Shot ${at.day.shot.id} is now 48`,
        ]);
        expect(lane("cut_duration_misspelt")).toMatchObject({ callbacks: [], backlog: 0, loadError: null });
        expect(at.studio.lines("cut_duration_misspelt")).toEqual([
          " warn Shot.sg_no_such_field: API schema_field_read() Shot.sg_no_such_field doesn't exist.",
          " warn Plugin is not valid, will not register callback.",
        ]);
        expect(await at.studio.log.line(/loaded cut_duration_misspelt \(0 callbacks/)).toMatchObject({
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
        expect(at.studio.lines("version_description")).toContain("stamp info SQ010_0010_anim_v001 is apr");
      },
    ],
    "modules that lie beside the daemon's script, or on a path that was added by hand": [
      ["uses_studio_tools"],
      () => expect(at.studio.lines("uses_studio_tools")).toEqual(["show info /shots/sq010 bold lighthouse"]),
    ],
    "arguments and globals as memory, and a sum made on the site": [
      ["time_rollup"],
      async () => {
        expect(await now("Task", at.day.task, "sg_description")).toEqual({
          sg_description: "150 minutes logged",
        });
        expect(at.studio.lines("time_rollup")).toEqual([
          "roll_up info 1 handled, [60], 1 task(s)",
          "roll_up info 2 handled, [60, 90], 1 task(s)",
        ]);
      },
    ],
    "callbacks that rely on the ones before them": [
      ["shared_state"],
      () =>
        expect(at.studio.lines("shared_state")).toEqual([
          "third info first second third, rating 2, noted: True",
        ]),
    ],
    "state that plugins share in a module": [
      ["shares_a", "shares_b"],
      () =>
        expect(at.studio.lines("shares_b")).toEqual([
          `look info seen: ${mode.together ? "SQ010" : "nothing"}`,
        ]),
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
        const entry = await at.studio.site.findOne(
          "EventLogEntry",
          [["event_type", "is", "Shotgun_User_Login"]],
          ["created_at"],
        );
        expect(await now("HumanUser", at.day.producer, "sg_last_seen")).toEqual({
          sg_last_seen: entry?.created_at,
        });
        expect(at.studio.lines("record_login")).toEqual([
          "record info None None LocalTimezone",
          "record info the same moment: True",
        ]);
      },
    ],
    "a user, a project or a field that is None; every field is there; an event's dict is the plugin's own": [
      ["notify_chat", "record_login", "sees_event_fresh", "shared_state"],
      () =>
        expect(at.studio.lines("sees_event_fresh")).toEqual([
          "look info attribute_name,created_at,entity,event_type,id,meta,project,session_uuid,type,user",
        ]),
    ],
    "levels, %-arguments, exceptions, handlers, other loggers, and logger.config": [
      ["audit_trail"],
      () => {
        const [debug, warning, caught, library, site] = at.studio.lines("audit_trail");
        expect([debug, warning, library, site]).toEqual([
          "log debug debug Shotgun_Sequence_New",
          "log warn warning 2",
          " info studio.library: from a library",
          "log info the site is True",
        ]);
        expect(caught).toMatch(
          /^log error caught\nTraceback .*\n {2}File ".*audit_trail\.py", line \d+, in log\n.*KeyError: 'missing'$/s,
        );
        expect(readFileSync(join(at.studio.shots, "audit.log"), "utf8")).toMatch(
          /^DEBUG plugin\.audit_trail\.log debug Shotgun_Sequence_New\nWARNING plugin\.audit_trail\.log warning 2\nERROR /,
        );
      },
    ],
    "print and sleep": [
      ["folder_creator", "note_subject"],
      async () => {
        expect(at.studio.lines("folder_creator")).toContain(" info made 3 folders for SQ010_0010");
        expect(await now("Note", at.day.note, "subject", "sg_status_list")).toEqual({
          subject: "Ada Moreau on SQ010_0010",
          sg_status_list: "ip",
        });
      },
    ],
    "HTTP in a callback, with the old limit for sockets": [
      ["notify_chat"],
      () => {
        const name = at.studio.sandbox.scriptName;
        expect(at.studio.posted).toEqual([
          { channel: "#animation", text: `${name} set anim to wtg`, color: null },
          { channel: "#animation", text: `${name} set anim to fin`, color: "good" },
        ]);
        expect(at.studio.lines("notify_chat")).toContain("notify info chat said ok; sockets wait 60.0 s");
      },
    ],
    "folders and files, the callback a method that is kept": [
      ["folder_creator"],
      () => {
        const folder = join(at.studio.shots, "Lighthouse", "SQ010", "SQ010_0010");
        for (const step of ["anim", "light", "comp"])
          expect(statSync(join(folder, step)).mode & 0o777).toBe(0o777 & ~mode.umask);
        const where = mode.together ? "/" : process.cwd();
        expect(at.studio.lines("folder_creator").at(-1)).toBe(
          `main info mode ${(0o777 & ~mode.umask).toString(8)}, run in ${where}`,
        );
        expect(lane("folder_creator").callbacks.map(({ name }) => name)).toEqual(["main"]);
      },
    ],
    "the environment: a .env file over it at import, variables set in a callback, who runs it": [
      ["env_settings", "sees_environment"],
      () => {
        expect(at.studio.lines("env_settings")).toEqual(["show info facility london, user known: True"]);
        const shared = /^show info facility london, last event \d+$/;
        const apart = /^show info facility paris, last event None$/;
        expect(at.studio.lines("sees_environment")).toEqual([
          expect.stringMatching(mode.together ? shared : apart),
        ]);
      },
    ],
    "a class of another file, which is no plugin; a callable object with a name that lasts": [
      ["handler_base", "reply_handler"],
      async () => {
        expect(lane("reply_handler").callbacks.map(({ name }) => name)).toEqual(["ReplyHandler_1"]);
        expect(at.studio.lines("reply_handler").at(-1)).toBe(
          "ReplyHandler_1 info reply to Ada Moreau on SQ010_0010",
        );
        const line = await at.studio.log.line("handler_base");
        expect(line).toMatchObject({ level: "info" });
        expect(line.message).toContain("has no function registerCallbacks");
      },
    ],
    "threads, programs and processes, one of them left behind": [
      ["render_submit"],
      () => {
        expect(at.studio.lines("render_submit")).toEqual([
          " info from the shell",
          "submit info job 12 for SQ010_0010_anim_v001, Lighthouse, [1, 4, 9], True",
        ]);
      },
    ],
    "members of a project, by update mode; the key * hides what stands beside it": [
      ["assignee_to_project"],
      async () => {
        expect(await now("Project", at.day.project, "users")).toMatchObject({
          users: [{ id: at.day.ada.id }],
        });
        expect(lane("assignee_to_project")).toMatchObject({ failure: null });
        expect(at.studio.lines("assignee_to_project")).toEqual([
          "add_to_project info added Ada Moreau to Lighthouse",
        ]);
      },
    ],
    "dataclasses, annotations that are texts, pickles, and a plugin that imports another": [
      ["delivery_slips", "notify_chat"],
      () => expect(at.studio.lines("delivery_slips")).toEqual(["keep info SQ010_0010; done is good"]),
    ],
    "a callback that fails and is registered to go on; filters that match all and nothing": [
      ["clumsy"],
      async () => {
        expect(at.studio.lines("clumsy")).toEqual(["walk info walked on"]);
        const line = await at.studio.log.line("stumble failed");
        expect(line.message).toContain("RuntimeError: stumbled over SQ010 with 18 characters");
        expect(JSON.stringify(line)).not.toContain("very-secret-indeed");
        expect(lane("clumsy")).toMatchObject({ failure: null, backlog: 0 });
      },
    ],
    "what has grown: static, class and nameless callbacks, a logger by __name__, an empty list of addresses":
      [
        ["old_style"],
        () => {
          expect(at.studio.lines("old_style")).toEqual([
            " warn setEmails got no address: nobody gets this plugin's mail",
            " info old_style: café of SQ010",
            "warn warn by Handlers with ('a', 1)",
            "<lambda> info in short",
          ]);
        },
      ],
    "files to the site and back": [
      ["thumbnails"],
      async () => {
        expect(at.studio.lines("thumbnails")).toEqual([
          "exchange info 7000 bytes back, 7000 on disk, thumbnail: True",
        ]);
        expect(await now("Version", at.day.version, "sg_uploaded_movie")).toMatchObject({
          sg_uploaded_movie: { name: "Review" },
        });
      },
    ],
  };
}
