/** The commands of operators: on a running daemon, and on the state of one that is stopped. */
import { once } from "node:events";
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { TestLog, until } from "../daemon/rig.ts";
import {
  CHANGE,
  lane,
  notes,
  OTHER,
  recorder,
  start,
  twoCallbacks,
  untilFollowing,
} from "../daemon/whole.ts";
import { servedDaemon } from "../server/rig.ts";
import { folderWith } from "./process.ts";
import { said } from "./said.ts";

async function workingDaemon() {
  const bad = twoCallbacks(true).replace("if (true)", "if (event.meta?.bad)");
  const parts = await servedDaemon({ "good.ts": recorder("good"), "bad.ts": bad });
  const { sandbox, folder, daemon, config } = parts;
  const { first, last } = sandbox.site.events.add([CHANGE, { ...OTHER, meta: { bad: true } }, CHANGE]);
  await until(() => notes(folder, "good").length === 3 && lane(daemon, "bad").activity === "failed");
  const run = (...args: string[]) => said(...args, "--state", config.state);
  const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);
  return { ...parts, first, last, failing: first + 1, run, json };
}

test("an operator understands what is wrong, acts, and sees that it is mended", async () => {
  const { daemon, first, failing, run } = await workingDaemon();
  const status = await run("status");
  expect(status.stdout).toMatch(/● events flow/);
  expect(status.stdout).toContain(`bad stopped at event ${failing}: b is broken`);
  expect(status.stdout).toContain("callsheet retry bad");
  expect(status.status).toBe(0);
  expect((await run("plugin", "bad")).stdout).toMatch(/bad\.ts:8/);
  expect((await run("failures", "--stack")).stdout).toMatch(/open {2}bad[\s\S]*bad\.ts:8/);
  expect((await run("events", "show", String(failing))).stdout).toMatch(/bad {3}failed {5}b failed/);
  expect((await run("events", "tail", "-n", "2")).stdout.trim().split("\n")).toHaveLength(2);
  expect((await run("gaps")).stdout).toBe("No gap is open.\n");
  const wrong = await run("skip", "bad", "--event", String(first), "--reason", "no");
  expect(wrong).toMatchObject({ status: 1, stderr: expect.stringContaining(`stands at event ${failing}`) });
  const skipped = await run("skip", "bad", "--event", String(failing), "--reason", "a test");
  expect(skipped.stdout).toBe(`bad does not get event ${failing} and goes on.\n`);
  await until(() => lane(daemon, "bad").backlog === 0);
  expect((await run("retry", "bad")).stderr).toContain("there is nothing to try again");
  expect((await run("retry")).status).toBe(2);
  expect((await run("retry", "--all")).stdout).toBe("There is no such plugin now.\n");
});

test("the tail of rare events reaches further back than one answer, and says when there are none", async () => {
  const { sandbox, failing, run } = await workingDaemon();
  const { last } = sandbox.site.events.add(Array.from({ length: 10_100 }, () => CHANGE));
  await until(async () => (await run("events", "show", String(last))).status === 0);
  const rare = await run("events", "tail", "-n", "1", "--type", OTHER.event_type, "--json");
  expect(JSON.parse(rare.stdout).event.id).toBe(failing);
  expect(await run("events", "tail", "-n", "0")).toMatchObject({ stdout: "", stderr: "" });
  expect(await run("events", "tail", "--type", "Nothing_*")).toMatchObject({
    status: 0,
    stdout: "",
    stderr: "No such event.\n",
  });
});

test("a rewind says what would happen, and happens only when it is meant", async () => {
  const { daemon, folder, first, last, failing, run, json } = await workingDaemon();
  const rewind = ["rewind", "bad", "--to"];
  await run("skip", "bad", "-e", String(failing), "-r", "a test");
  await until(() => lane(daemon, "bad").backlog === 0);
  const refused = await run(...rewind, String(first), "-r", "x", "-y");
  expect(refused.stderr).toContain("Pause it first");
  expect(refused.stdout).toBe("");
  expect((await run("pause", "--all")).stdout).toBe(
    "bad is paused; its events wait.\ngood is paused; its events wait.\n",
  );
  const plan = await run(...rewind, String(last), "--dry-run");
  expect(plan.stdout).toMatch(/Nothing was changed\.$/m);
  expect(plan.stdout).toMatch(new RegExp(`^1 event comes again to bad; event ${last} comes next`));
  expect(await run(...rewind, String(last))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("--reason"),
  });
  expect(await run(...rewind, "yesterday")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("a date such as"),
  });
  expect(lane(daemon, "bad").backlog).toBe(0);
  expect(await json(...rewind, String(last), "-r", "x", "-y")).toMatchObject({ events: 1 });
  expect((await run("resume", "--all")).stdout).toBe("bad goes on.\ngood goes on.\n");
  await until(() => notes(folder, "c").filter(({ id }) => id === last).length === 2);
});

test("what is wrong with a command line is told in our words, and in JSON where JSON is asked for", async () => {
  const { run, json } = await workingDaemon();
  const error = {
    status: 2,
    stdout: "",
    stderr: expect.stringContaining('error: "abc" does not do for <id>. It must be'),
  };
  expect(await run("events", "show", "abc")).toMatchObject(error);
  const lacking = await run("skip", "bad", "--event", "1");
  expect(lacking).toMatchObject({
    status: 2,
    stderr: "error: required option '-r, --reason <text>' not specified\nhint: Try --help.\ncode: USAGE\n",
  });
  const zero = await run("rewind", "bad", "--to", "0", "--dry-run");
  expect(zero.stderr).toMatch(/^error: "0" does not do for --to\. It must be the id of an event/);
  const usage = await run("events", "show", "abc", "--json");
  expect(JSON.parse(usage.stderr)).toMatchObject({ error: { code: "USAGE", hint: "Try --help." } });
  const unknown = await run("plugin", "nobody", "--json");
  expect(JSON.parse(unknown.stderr)).toMatchObject({
    error: { code: "PLUGIN_UNKNOWN", message: expect.any(String) },
  });
  const nothing = await run("events", "show", "99999999");
  expect(nothing).toMatchObject({ status: 1, stdout: expect.stringContaining("Not read yet") });
  const plan = await run(
    "rewind",
    "good",
    "--to",
    String((await json("status")).reader.position),
    "--dry-run",
  );
  expect(plan.stdout).toContain("good runs: before a rewind, pause it: callsheet pause good");
});

test("what a stopped daemon left can be read, and is not touched", async () => {
  const { daemon, config, first, failing, run, json } = await workingDaemon();
  await daemon.stop();
  const status = await run("status");
  expect(status.status).toBe(3);
  expect(status.stdout).toMatch(/not running: process \d+ ended in order/);
  expect(status.stdout).toMatch(new RegExp(`bad +failed .* event ${failing}: b is broken`));
  expect((await json("failures")).groups).toMatchObject([{ plugin: "bad", open: true }]);
  const stored = { after: expect.stringMatching(/Z$/), before: expect.stringMatching(/Z$/), ms: null };
  expect((await json("events", "show", String(first))).plugins).toMatchObject([
    { plugin: "bad", outcome: "delivered", delivered: stored },
    { plugin: "good", outcome: "delivered", delivered: stored },
  ]);
  const words = / good +delivered +(at|between) [\d:]+( and [\d:]+)?$/m;
  expect((await run("events", "show", String(first))).stdout).toMatch(words);
  expect(await run("pause", "bad")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("DAEMON_NOT_RUNNING"),
  });
  const log = new TestLog();
  await untilFollowing(await start(config, log));
  expect(log.lines.filter(({ level }) => level === "critical")).toEqual([]);
  expect((await json("status")).running).toBe(true);
});

test("a folder without a state, and an address without a daemon, are told as such", async () => {
  const empty = await said("plugins", "--state", folderWith());
  expect(empty).toMatchObject({ status: 1, stderr: expect.stringContaining("There is no state in") });
  const nobody = await said("plugins", "--url", "http://127.0.0.1:9");
  expect(nobody).toMatchObject({ status: 1, stderr: expect.stringContaining("No daemon answers at") });
});

test("a daemon that got a command and ended is not said to be none", async () => {
  const server = createServer(({ socket }) => socket.destroy()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const paused = await said("pause", "notify", "--url", url);
  expect(paused).toMatchObject({ status: 1, stderr: expect.stringContaining("COMMAND_UNANSWERED") });
  expect(paused.stderr).toContain("got the command and did not answer: it is not known whether it is done.");
  const asked = await said("plugins", "--url", url);
  expect(asked).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("was asked, and did not answer."),
  });
  server.close();
});
