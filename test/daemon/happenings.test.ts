/** What a running daemon tells those who listen. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Happening, Happenings } from "../../src/daemon/happenings.ts";
import { openTestSandbox, TestLog, until } from "./rig.ts";
import { CHANGE, daemonWith, lane, recorder, twoCallbacks } from "./whole.ts";

it("tells of deliveries, failures with their fingerprint, reloads and recovery", async () => {
  const { sandbox, folder, daemon } = await daemonWith({
    "bad.ts": twoCallbacks(true),
    "good.ts": recorder("good"),
  });
  const heard: Happening[] = [];
  const stop = daemon.happenings.listen((happening) => heard.push(happening));
  const of = (kind: Happening["kind"], plugin: string) =>
    heard.filter((one) => one.kind === kind && "plugin" in one && one.plugin === plugin);
  const { first } = sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => of("failure", "bad").length === 1 && of("delivered", "good").length > 0);
  expect(of("failure", "bad")[0]).toMatchObject({
    consequence: "stopped",
    fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
    failure: { eventId: first, callback: "b", code: "CALLBACK_FAILED" },
    emails: true,
  });
  await until(() => lane(daemon, "bad").activity === "failed");
  expect(of("activity", "bad").at(-1)).toMatchObject({ from: "running", to: "failed" });
  const detail = daemon.plugin("good")!;
  expect(detail.recent.map(({ eventId, callback }) => [eventId, callback])).toContainEqual([
    first,
    detail.callbacks[0]!.key,
  ]);
  expect(Object.values(detail.times).map(({ calls }) => calls)).toEqual([detail.calls]);
  expect(detail.p95Ms).toBeGreaterThan(0);

  await daemon.operations.retry("bad", { by: "zoe", why: "" });
  await until(() => of("failure", "bad").length === 2);
  const [one, two] = of("failure", "bad") as Extract<Happening, { kind: "failure" }>[];
  expect(one!.fingerprint).toBe(two!.fingerprint);

  writeFileSync(join(folder, "plugins/bad.ts"), "export const registerCallbacks = 5;");
  await until(() => of("unloadable", "bad").length > 0);
  expect(of("recovered", "bad")).toEqual([]);
  writeFileSync(join(folder, "plugins/bad.ts"), twoCallbacks(false));
  await until(() => of("recovered", "bad").length === 1);
  expect(of("loaded", "bad").at(-1)).toMatchObject({ callbacks: 3, reload: true });
  stop();
  const { length } = heard;
  await daemon.stop();
  expect(heard).toHaveLength(length);
});

it("tells of gaps, of a site that is away, and of hosts that died", async () => {
  const sandbox = await openTestSandbox();
  const dies = recorder("dies", "null", "if (event.meta?.die) setImmediate(() => process.exit(3));").replace(
    /, null\);/,
    ", null, null, false);",
  );
  const { daemon } = await daemonWith({ "dies.ts": dies }, { gapTimeout: "100ms" }, sandbox);
  const heard: Happening[] = [];
  daemon.happenings.listen((happening) => heard.push(happening));
  const kinds = () => new Set(heard.map(({ kind }) => kind));
  const { first } = sandbox.site.events.add([CHANGE]);
  sandbox.site.events.skipIds(2);
  sandbox.site.events.add([CHANGE]);
  await until(() => kinds().has("gap_given_up"));
  expect(heard).toContainEqual(
    expect.objectContaining({ kind: "gap_opened", first: first + 1, last: first + 2 }),
  );
  expect(heard).toContainEqual(
    expect.objectContaining({ kind: "gap_given_up", first: first + 1, last: first + 2 }),
  );
  sandbox.faults.next({ kind: "status", status: 400, times: 2 });
  await until(() => kinds().has("site_found"));
  expect(heard).toContainEqual(expect.objectContaining({ kind: "site_lost", code: "SITE_PROTOCOL" }));
  sandbox.site.events.add([{ ...CHANGE, meta: { die: true } }]);
  await until(() => kinds().has("host_restart"));
  expect(lane(daemon, "dies").restarts).toBe(1);
});

it("a listener that throws is told of, and the others still hear", () => {
  const log = new TestLog();
  const happenings = new Happenings(log);
  const heard: string[] = [];
  expect(happenings.heard).toBe(false);
  happenings.listen(() => {
    throw new Error("no ink left");
  });
  happenings.listen(({ kind }) => heard.push(kind));
  happenings.tell({ kind: "gap_opened", first: 1, last: 2 });
  expect(heard).toEqual(["gap_opened"]);
  expect(log.lines).toMatchObject([
    { level: "error", message: "a listener failed at gap_opened: no ink left" },
  ]);
});
