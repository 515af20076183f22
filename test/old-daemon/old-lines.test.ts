import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Happenings } from "../../src/daemon/happenings.ts";
import { startDaemon } from "../../src/daemon/start.ts";
import { openLog } from "../../src/log/open.ts";
import { writeOldLines } from "../../src/old-daemon/old-lines.ts";
import { openTestSandbox, studio, TestLog, until } from "../daemon/rig.ts";
import { CHANGE, recorder, untilFollowing } from "../daemon/whole.ts";
import { Kept } from "../log/fixtures.ts";

test("a line an id; of a million ids one line", () => {
  const log = new TestLog();
  const happenings = new Happenings(log);
  writeOldLines({ happenings, log, pathOf: () => null });
  const said = () => log.lines.splice(0).map(({ level, message }) => `${level}: ${message}`);

  happenings.tell({ kind: "gap_opened", first: 7, last: 8 });
  expect(said()).toEqual(["info: Adding event id 7 to backlog.", "info: Adding event id 8 to backlog."]);
  happenings.tell({ kind: "gap_given_up", first: 7, last: 7, waitedMs: 1 });
  expect(said()).toEqual([
    "warn: Timeout elapsed on backlog event id 7.",
    "info: Event 7 never happened - ignoring.",
  ]);
  happenings.tell({ kind: "gap_opened", first: 1, last: 1_000_000 });
  happenings.tell({ kind: "gap_given_up", first: 1, last: 1_000_000, waitedMs: 1 });
  expect(said()).toEqual([
    "info: Adding event id 1-1000000 to backlog.",
    "warn: Timeout elapsed on backlog event id 1-1000000.",
    "info: Events 1-1000000 never happened - ignoring.",
  ]);
});

test("a late event and one that never happened, in a whole daemon's log files", async () => {
  const dir = mkdtempSync(join(tmpdir(), "callsheet-old-lines-"));
  const sandbox = await openTestSandbox();
  const log = { dir, file: "sg", files: "plugin", format: "python" } as const;
  const { config } = await studio(sandbox, { "a.ts": recorder("a") }, { gapTimeout: "1s", log });
  const opened = await openLog(config.log, { stdout: new Kept() });
  const daemon = await startDaemon({ config, log: opened.log });
  onTestFinished(async () => {
    await daemon.stop();
    await opened.close();
    rmSync(dir, { recursive: true, force: true });
  });
  await untilFollowing(daemon);
  const { first } = sandbox.site.events.add([CHANGE]);
  const never = sandbox.site.events.skipIds(1).first;
  const transaction = sandbox.site.events.reserve(1);
  const late = transaction.first;
  sandbox.site.events.add([CHANGE]);
  const engine = () => readFileSync(join(dir, "sg"), "utf8");
  await until(() => engine().includes(`engine - INFO - Adding event id ${late} to backlog.`));
  expect(engine()).toContain(`Adding event id ${never} to backlog.`);
  transaction.commit([CHANGE]);
  const plugin = () => readFileSync(join(dir, "plugin.a"), "utf8");
  await until(() => plugin().includes(`plugin.a - INFO - Processed id ${late} from backlog.`));
  await until(() => engine().includes(`engine - WARNING - Timeout elapsed on backlog event id ${never}.`));
  expect(engine()).toContain(`engine - INFO - Event ${never} never happened - ignoring.`);
  expect(engine()).not.toContain(`Timeout elapsed on backlog event id ${late}.`);
  expect(plugin()).not.toContain(`Processed id ${first} from backlog.`);
});
