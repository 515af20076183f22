/**
 * The same studio as it stood before: `shotgunEventDaemon.conf` beside the daemon's script, its helpers beside both, and one
 * command. What the plugins left on the site, and what stands in the log files that people and scripts read.
 */
import { cpSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Shotgun } from "../../../src/client/shotgun.ts";
import { callsheet, folderWith } from "../../cli/process.ts";
import { until } from "../../daemon/rig.ts";
import { confText } from "../../old-daemon/confs.ts";
import { withoutPython } from "../python.ts";
import { workADay } from "./day.ts";
import { DAEMON_FOLDER, LONG_MS, openChat, openSite, PLUGINS, pluginEnvironment } from "./studio.ts";

const LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - (\S+) - (DEBUG|INFO|WARNING|ERROR|CRITICAL) - (.*)$/;

test.skipIf(withoutPython)(
  "a studio's conf and plugins run unchanged, and their log lines are the old ones",
  { timeout: 180_000 },
  async () => {
    const sandbox = await openSite();
    onTestFinished(() => sandbox.close());
    const chat = await openChat();
    onTestFinished(chat.close);
    const home = folderWith({ "shotgunEventDaemon.py": "# the Python daemon's script\n" });
    const [shots, logs] = [join(home, "shots"), join(home, "logs")];
    for (const folder of [shots, logs]) mkdirSync(folder);
    cpSync(PLUGINS, join(home, "plugins"), { recursive: true });
    cpSync(DAEMON_FOLDER, home, { recursive: true });
    const conf = confText({
      daemon: {
        pidFile: join(home, "daemon.pid"),
        eventIdFile: join(home, "daemon.id"),
        logMode: "1",
        logging: "20",
        logPath: logs,
        logFile: "shotgunEventDaemon",
        fetch_interval: "0",
      },
      shotgun: { server: sandbox.url, name: sandbox.scriptName, key: "%(SG_EVENTS_KEY)s" },
      plugins: { paths: join(home, "plugins") },
    });
    writeFileSync(join(home, "shotgunEventDaemon.conf"), conf);
    const daemon = callsheet(["run", "--config", "shotgunEventDaemon.conf"], {
      cwd: home,
      env: pluginEnvironment(sandbox, shots, chat.url, home),
    });
    const logged = (plugin: string) => linesOf(join(logs, `plugin.${plugin}`));
    const says = (plugin: string, text: string) =>
      until(
        () => logged(plugin).some((line) => line.includes(text)),
        () => `${plugin} did not log ${text}; there are ${readdirSync(logs)} and\n${daemon.all}`,
        LONG_MS,
      );
    const active = globSync("*.py", { cwd: PLUGINS })
      .map((file) => file.replace(".py", ""))
      .filter((name) => !["handler_base", "old_report"].includes(name));
    for (const name of active) await daemon.says(new RegExp(`loaded ${name} \\(`));
    await daemon.says(/first start/);
    const { scriptName, scriptKey } = sandbox;
    await using site = new Shotgun(sandbox.url, { scriptName, scriptKey });
    const quiet = async () => {
      await says("thumbnails", "bytes back");
      await says("version_description", "is rev");
    };
    const day = await workADay({ site, sandbox, quiet });
    await says("time_rollup", "2 handled");
    await says("reply_handler", "reply to");
    await says("record_login", "the same moment");
    daemon.kill("SIGTERM");
    expect(await daemon.ended).toEqual({ status: 0, signal: null });

    expect(await site.findOne("Note", [["id", "is", day.note.id]], ["subject"])).toMatchObject({
      subject: "Ada Moreau on SQ010_0010",
    });
    expect(await site.findOne("Version", [["id", "is", day.version.id]], ["sg_status_list"])).toMatchObject({
      sg_status_list: "apr",
    });
    expect(logged("time_rollup").slice(1)).toEqual([
      "plugin.time_rollup.roll_up INFO 1 handled, [60], 1 task(s)",
      "plugin.time_rollup.roll_up INFO 2 handled, [60, 90], 1 task(s)",
    ]);
    expect(logged("folder_creator")).toContain("plugin.folder_creator.main INFO mode 777, run in /");
    expect(logged("audit_trail")).toEqual(
      expect.arrayContaining([
        // its own level is below the daemon's
        "plugin.audit_trail.log DEBUG debug Shotgun_Sequence_New",
        "plugin.audit_trail.log INFO the site is True",
      ]),
    );
    expect(logged("uses_studio_tools")).toContain(
      "plugin.uses_studio_tools.show INFO /shots/sq010 bold lighthouse",
    );
    expect(logged("cut_duration_misspelt")).toContain(
      "plugin.cut_duration_misspelt WARNING Plugin is not valid, will not register callback.",
    );
  },
);

/** `logger LEVEL message` of each line; what does not begin as a line goes on with the one before. */
function linesOf(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    const found = LINE.exec(line);
    return found ? [`${found[1]} ${found[2]} ${found[3]}`] : [];
  });
}
