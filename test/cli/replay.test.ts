/** `callsheet replay` and `callsheet replays`. */
import { expect, test } from "vitest";
import { Shotgun } from "../../src/client/shotgun.ts";
import { openTestSandbox, TestLog, until } from "../daemon/rig.ts";
import { CHANGE, notes, OTHER, recorder, start } from "../daemon/whole.ts";
import { servedDaemon } from "../server/rig.ts";
import { callsheet } from "./process.ts";
import { said } from "./said.ts";

const BAD = recorder("bad", "null", "if (event.replay && event.meta?.bad) throw new Error('too old');");

async function workingDaemon() {
  const parts = await servedDaemon({ "good.ts": recorder("good"), "bad.ts": BAD });
  const { sandbox, folder, config } = parts;
  const { first, last } = sandbox.site.events.add([CHANGE, { ...OTHER, meta: { bad: true } }, CHANGE]);
  await until(() => notes(folder, "good").length === 3 && notes(folder, "bad").length === 3);
  const run = (...args: string[]) => said(...args, "--state", config.state);
  return { ...parts, first, last, run };
}

test("a replay says what it will do, asks, does it, and says how it went", async () => {
  const { folder, first, last, run } = await workingDaemon();
  const asked = ["replay", "good", "--from", String(first)];
  expect(await run(...asked, "--yes")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("A replay needs --reason."),
  });
  expect((await run(...asked, "-r", "a test")).stderr).toContain("There is nobody to ask.");
  expect(notes(folder, "good").length).toBe(3);
  const done = await run(...asked, "-r", "a test", "--yes");
  expect(done.stdout).toBe(
    `good gets events ${first} to ${last} again, at most 3, beside its normal flow.\n` +
      "It acts on them as it does on new events: what it did for them before, it does twice.\n" +
      "Replay 1 of good is finished: 3 events, 3 matched.\n",
  );
  expect(done.status).toBe(0);
  expect(notes(folder, "good").length).toBe(6);
  expect((await run("events", "show", String(first))).stdout).toMatch(
    /good {2}delivered {2}replay 1, by \S+, .*: a test/,
  );
  expect((await run("replays")).stdout).toMatch(/1 {7}good {4}finished {2}\S+ +3 events, 3 matched/);
  expect((await run("replay", "good", "--from", "yesterday")).stderr).toContain(
    "must be an event id, or a date",
  );
  expect((await run("replays", "resume", "1")).stderr).toContain("Replay 1 is finished");
});

test("a failing event ends it with status 1, unless it keeps going, which has that status too", async () => {
  const { config, daemon, first, run } = await workingDaemon();
  const asked = ["replay", "bad", "--from", String(first), "-r", "x", "-y"];
  const failed = await run(...asked);
  expect(failed.status).toBe(1);
  expect(failed.stdout).toContain(`failed at event ${first + 1}: too old`);
  expect(failed.stdout).toMatch(/bad\.ts:\d[\s\S]*Go on with: callsheet replays resume 1/);
  const went = await run(...asked, "--keep-going", "--json");
  expect(went.status).toBe(1);
  const lines = went.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({ progress: { id: 2, state: "running" } });
  expect(lines.at(-1)).toMatchObject({
    replay: {
      id: 2,
      state: "finished",
      counts: { failed: 1 },
      failures: [{ failure: { eventId: first + 1 } }],
    },
  });
  expect((await run("replays", "show", "2")).stdout).toContain(
    `failed  event ${first + 1}  callback 1  too old`,
  );
  await daemon.stop();
  const list = await run("replays", "list", "--plugin", "bad", "--json");
  expect(JSON.parse(list.stdout).replays).toMatchObject([{ id: 2 }, { id: 1, state: "failed" }]);
  expect((await run("replays", "resume", "1")).stderr).toContain("DAEMON_NOT_RUNNING");
  await start(config, new TestLog());
  expect((await run("replays", "show", "9")).stderr).toContain("REPLAY_UNKNOWN");
});

test("Ctrl-C stops the replay after its event in hand, and it can be resumed", {
  timeout: 60_000,
}, async () => {
  const slow = recorder(
    "slow",
    "null",
    "if (event.replay) await new Promise((done) => setTimeout(done, 50));",
  );
  const { sandbox, folder, config, daemon } = await servedDaemon({ "slow.ts": slow });
  const { first } = sandbox.site.events.add(Array.from({ length: 40 }, () => CHANGE));
  await until(() => notes(folder, "slow").length === 40);
  const ask = ["replay", "slow", "--from", String(first), "-r", "x", "-y", "--state", config.state];
  const running = callsheet(ask);
  await running.says(/replay 1: +\d+%, /);
  running.kill("SIGINT");
  expect(await running.ended).toMatchObject({ status: 1 });
  expect(running.stdout).toMatch(/Replay 1 of slow was stopped[\s\S]*callsheet replays resume 1/);
  expect(await daemon.replays.get(1)).toMatchObject({ state: "stopped" });
  const again = callsheet(["replays", "resume", "1", "--state", config.state]);
  expect(await again.ended).toMatchObject({ status: 0 });
  expect(notes(folder, "slow").length).toBe(80);
});

test("a dry run prints what would be different, and changes nothing", { timeout: 60_000 }, async () => {
  const sandbox = await openTestSandbox();
  const { url, scriptName, scriptKey } = sandbox;
  await using site = new Shotgun(url, { scriptName, scriptKey });
  const project = await site.create("Project", { name: "P" });
  const shot = await site.create("Shot", { project, code: "sh010", sg_status_list: "wtg" });
  const source = `export function registerCallbacks(reg) {
  reg.registerCallback("${scriptName}", "${scriptKey}", async function onTask(sg, logger, event) {
    if (event.replay === null) return logger.info("live");
    await sg.update("Shot", ${shot.id}, { sg_status_list: "fin", code: "sh010" });
    await sg.create("Note", { subject: "it is final", project: ${JSON.stringify({ type: "Project", id: project.id })} });
    await sg.delete("Shot", ${shot.id});
  }, { Shotgun_Task_Change: null });
}`;
  const { daemon, config, log } = await servedDaemon({ "p.ts": source }, {}, sandbox);
  const { first } = sandbox.site.events.add([CHANGE]);
  await log.line("live");
  await until(() => daemon.status().plugins[0]!.backlog === 0);
  const run = (...args: string[]) => said(...args, "--state", config.state);
  const { stdout, status } = await run(
    "replay",
    "p",
    "--from",
    String(first),
    "--to",
    String(first),
    "--dry-run",
  );
  expect(stdout).toBe(`p gets event ${first} again, beside its normal flow.
What it writes to the site is caught and shown. What else it does, such as mail or files, it does.
Event ${first}, onTask
  ~ update Shot ${shot.id} sh010
      sg_status_list  "wtg" → "fin"
      code: as on the site
  + create Note (-1 for now) it is final
      subject  "it is final"
      project  Project ${project.id}
  - delete Shot ${shot.id} sh010
      code            "sh010"
      sg_status_list  "fin"
      project         Project ${project.id} P
${stdout.match(/ {6}created_at.*\n(?: {6}created_by.*\n)?/)?.[0] ?? ""}Dry run 1 of p is finished: 1 event, 1 matched, 3 writes caught.
`);
  expect(status).toBe(0);
  expect(await site.findOne("Shot", [["id", "is", shot.id]], ["sg_status_list"])).toMatchObject({
    sg_status_list: "wtg",
  });
  const lines = (await run("replay", "p", "--from", String(first), "-n", "--json")).stdout.trim().split("\n");
  const writes = lines.map((line) => JSON.parse(line)).filter((line) => "write" in line);
  expect(writes.map(({ write }) => write.method)).toEqual(["update", "create", "delete"]);
  expect((await run("replays", "show", "1")).stdout).toContain('sg_status_list  "wtg" → "fin"');
});
