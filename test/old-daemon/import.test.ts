/** Taking over from the Python daemon: what is refused, what is told, and that looking changes nothing. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { CallsheetError } from "../../src/errors.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { importOldDaemon } from "../../src/old-daemon/import.ts";
import type { Start } from "../../src/old-daemon/places.ts";
import type { ImportReport } from "../../src/old-daemon/report.ts";
import { python, withoutPython } from "../plugins-python/python.ts";
import { CHANGE, contents, type OldStudio, openOldStudio } from "./old-studio.ts";

const ONE = { "plugins/notify.py": null };

async function importFrom(
  studio: OldStudio,
  options: { dryRun?: boolean; start?: Start } = {},
): Promise<ImportReport> {
  const { dryRun = false, start = null } = options;
  return importOldDaemon({ config: await studio.config(), env: process.env, dryRun, start, load: true });
}

async function refusal(work: Promise<unknown>): Promise<CallsheetError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CallsheetError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

/** For /proc as much a Python daemon as the real one. */
async function sleepingPython(): Promise<ChildProcess> {
  const child = spawn(python!, ["-c", "print('there', flush=True); input()"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout!, "data");
  return child;
}

describe.skipIf(withoutPython)("an import", { timeout: 120_000 }, () => {
  test("as a dry run changes nothing, whatever is there", async () => {
    const studio = await openOldStudio({
      ...ONE,
      "plugins/lib/helper.py": "x = 1\n",
      "plugins/uses.py": "import lib.helper\ndef registerCallbacks(reg): pass\n",
    });
    studio.sandbox.site.events.add(Array(30).fill(CHANGE));
    studio.remember({ plugins: { notify: { lastId: 20, pending: [18] } } });
    const untouched = contents(studio.folder);
    const report = await importFrom(studio, { dryRun: true });
    expect(report.plugins[0]).toMatchObject({
      name: "notify",
      lastEventId: 20,
      outcome: "begun",
      pending: [{ first: 18, last: 18, until: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/) }],
    });
    expect(contents(studio.folder)).toEqual(untouched);
    await importFrom(studio);
    studio.remember({ plugins: { notify: { lastId: 25, pending: [] } } });
    const taken = contents(studio.folder);
    const second = await importFrom(studio, { dryRun: true });
    expect(second).toMatchObject({ known: true, plugins: [{ lastEventId: 25, outcome: "raised" }, {}] });
    expect(contents(studio.folder)).toEqual(taken);
    const journal = await openSqliteJournal({ folder: studio.state });
    expect((await refusal(importFrom(studio, { dryRun: true }))).code).toBe("STATE_LOCKED");
    expect((await refusal(importFrom(studio))).code).toBe("STATE_LOCKED");
    await journal.close();
  });

  test("beside the Python daemon is refused", async () => {
    const studio = await openOldStudio(ONE);
    studio.remember({ plugins: { notify: { lastId: 20 } } });
    // a program that /proc shows as another one is another one
    writeFileSync(join(studio.folder, "var/daemon.pid"), `${process.ppid}\n`);
    const other = await importFrom(studio, { dryRun: true });
    expect(other.notes.join()).not.toContain(`process ${process.pid}`);
    const daemon = await sleepingPython();
    writeFileSync(join(studio.folder, "var/daemon.pid"), `${daemon.pid}\n`);
    const error = await refusal(importFrom(studio));
    expect(error.code).toBe("OLD_DAEMON_RUNS");
    expect(error.message).toBe(
      `The Python daemon is running: process ${daemon.pid}, by ${studio.folder}/var/daemon.pid.`,
    );
    expect((await importFrom(studio, { dryRun: true })).notes[0]).toContain("stop it before the import");
    daemon.kill("SIGKILL");
    await once(daemon, "exit");
    expect((await importFrom(studio)).plugins[0]!.outcome).toBe("begun");
  });

  test("with a state file that is no use wants to be told where to begin", async () => {
    const studio = await openOldStudio(ONE);
    studio.sandbox.site.events.add(Array(30).fill(CHANGE));
    for (const [content, sentence] of [
      [null, /^There is no file .*events\.id/],
      ["", /is empty/],
      ["garbage", /is not the state of a Python daemon: it is/],
    ] as const) {
      if (content !== null) writeFileSync(studio.idFile, content);
      const before = contents(studio.folder);
      const error = await refusal(importFrom(studio));
      expect(error.code).toBe("OLD_STATE");
      expect(error.message).toMatch(sentence);
      expect(error.hint).toContain("--start ID");
      expect(contents(studio.folder)).toEqual(before);
    }
    const latest = await importFrom(studio, { start: "latest", dryRun: true });
    expect(latest.plugins[0]).toMatchObject({ place: "new", lastEventId: 30 });
    const told = await importFrom(studio, { start: 12 });
    expect(told.notes[0]).toMatch(/is not the state of a Python daemon/);
    expect(told.plugins[0]).toMatchObject({ place: "told", lastEventId: 11, outcome: "begun" });
    expect(told.readerPosition).toBe(11);
  });

  test("with a folder that is away is refused, since its plugins would lose their places", async () => {
    const studio = await openOldStudio({ ...ONE, "share/other.py": null });
    studio.remember({ plugins: { notify: { lastId: 20 } }, share: { other: { lastId: 10 } } });
    renameSync(join(studio.folder, "share"), join(studio.folder, "away"));
    const error = await refusal(importFrom(studio));
    expect(error.code).toBe("PLUGIN_FOLDER");
    expect(error.message).toMatch(/share does not exist\. Nothing was imported\.$/);
    expect(contents(studio.folder)[`var/events.id.callsheet`]).toBeUndefined();
  });

  test("tells what does not load, and keeps its place", async () => {
    const studio = await openOldStudio({
      "plugins/a_python2.py": "import os\nprint 'hello'\n",
      "plugins/b_module.py": "import slack_shotgun_bot\n",
      "plugins/c_variable.py":
        "import os\ndef registerCallbacks(reg):\n    os.environ['SGDAEMON_NOWHERE_NAME']\n",
      "plugins/d_helper.py": "x = 1\n",
      "plugins/e_new.py": null,
    });
    studio.sandbox.site.events.add(Array(9).fill(CHANGE));
    studio.remember({
      plugins: { a_python2: { lastId: 5 }, b_module: { lastId: 6 }, c_variable: { lastId: 400 } },
    });
    const { plugins, readerPosition } = await importFrom(studio);
    expect(readerPosition).toBe(5);
    expect(
      plugins
        .slice(0, 4)
        .map(({ lastEventId, problem }) => [lastEventId, `${problem!.message} ${problem!.hint}`]),
    ).toEqual([
      [5, expect.stringMatching(/a_python2\.py:2: this is Python 2 .* Convert the file/)],
      [
        6,
        expect.stringMatching(
          /No module named 'slack_shotgun_bot' \(.*b_module\.py:1\)\. Install slack_shotgun_bot for the interpreter/,
        ),
      ],
      [
        400,
        expect.stringMatching(
          /KeyError: 'SGDAEMON_NOWHERE_NAME' \(.*c_variable\.py:3\)\. Set the environment variable SGDAEMON_NOWHERE_NAME/,
        ),
      ],
      [null, expect.stringMatching(/has no function registerCallbacks/)],
    ]);
    expect(plugins[2]!.remark).toMatch(
      /^the site's newest event is 9: nothing is delivered until the site gets there/,
    );
    expect(plugins[3]!.remark).toBeNull();
    expect(plugins[4]!.remark).toMatch(/^new: it begins with the others, after event 5; with --start latest/);
  });

  test("names the modules that several plugins have for themselves", async () => {
    const source = "from common import X\ndef registerCallbacks(reg): pass\n";
    const names = ["a", "b", "c", "d", "e"];
    const plugins = Object.fromEntries(names.map((name) => [`plugins/${name}.py`, source]));
    const studio = await openOldStudio({ ...plugins, "plugins/common.py": "X = {}\n" });
    studio.remember({ plugins: { a: { lastId: 1 } } });
    const { notes, plugins: told } = await importFrom(studio, { dryRun: true });
    expect(told.map(({ name }) => name)).toEqual([...names.slice(0, 2), "c", "common", "d", "e"]);
    const common = join(studio.folder, "plugins/common.py");
    expect(notes).toEqual([expect.stringContaining(`also of ${common} (a, b, c, d and 1 more).`)]);
    writeFileSync(studio.conf, `${readFileSync(studio.conf, "utf8")}\n[callsheet]\npython.group: folder\n`);
    expect((await importFrom(studio, { dryRun: true })).notes).toEqual([]);
  });

  test("needs the site only where nothing else tells where a plugin begins", async () => {
    const studio = await openOldStudio({ ...ONE, "share/new.py": null });
    await studio.sandbox.close();
    studio.remember({ plugins: { notify: { lastId: 20 } } });
    const error = await refusal(importFrom(studio));
    expect(error.code).toBe("SITE_UNREACHABLE");
    rmSync(join(studio.folder, "share/new.py"));
    const report = await importFrom(studio);
    expect(report.notes[0]).toMatch(/^The site was not asked for its newest event: /);
    expect(report).toMatchObject({ newestEventId: null, readerPosition: 20 });
  });

  test("after the folder has moved finds the lane that the plugin has", async () => {
    const studio = await openOldStudio(ONE);
    studio.remember({ plugins: { notify: { lastId: 20 } } });
    await importFrom(studio);
    renameSync(join(studio.folder, "plugins"), join(studio.folder, "moved"));
    const text = readFileSync(studio.conf, "utf8");
    writeFileSync(studio.conf, text.replace(`${studio.folder}/plugins`, `${studio.folder}/moved`));
    const { plugins } = await importFrom(studio);
    expect(plugins).toMatchObject([
      { outcome: "kept", lastEventId: 20, path: join(studio.folder, "moved/notify.py") },
    ]);
    const journal = await openSqliteJournal({ folder: studio.state });
    expect(await journal.lanes()).toHaveLength(1);
    await journal.close();
  });
});

test.skipIf(withoutPython || process.getuid?.() === 0)(
  "a state file that may not be read is told as such",
  async () => {
    const studio = await openOldStudio(ONE);
    writeFileSync(studio.idFile, "5");
    chmodSync(studio.idFile, 0);
    expect((await refusal(importFrom(studio))).message).toMatch(/events\.id cannot be read: EACCES/);
  },
);
