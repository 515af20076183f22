/** Who is told what and when. Time is made up. */
import { expect, test } from "vitest";
import { CHAT, DAY, HOUR, MINUTE, SECOND, START, World } from "./world.ts";

test("a plugin that fails and is mended is told of twice, in one thread", () => {
  const world = new World();
  world.broke("plugin_failed", "notify");
  world.pass(MINUTE);
  world.mended("plugin_failed", "notify");
  world.pass(10 * DAY);
  const [first, second, ...more] = world.letters();
  expect(more).toEqual([]);
  expect(first).toMatchObject({ inReplyTo: null, items: [{ first: true, open: true, breaks: 1 }] });
  expect(second).toMatchObject({ inReplyTo: first!.id, items: [{ first: false, open: false, mends: 1 }] });
});

test("two hundred plugins that break at once make one letter", () => {
  const world = new World();
  for (let index = 0; index < 200; index += 1) world.broke("plugin_failed", `plugin-${index}`);
  world.pass(HOUR);
  expect(world.letters()).toHaveLength(1);
  expect(world.items()).toHaveLength(200);
});

test("two hundred plugins that break within a minute make a few", () => {
  const world = new World();
  for (let index = 0; index < 200; index += 1) {
    world.broke("plugin_failed", `plugin-${index}`);
    world.pass(300);
  }
  world.pass(HOUR);
  expect(world.letters().length).toBeLessThanOrEqual(6);
  expect(world.items()).toHaveLength(200);
});

test("a plugin that flaps ten times a second for a day makes a handful, with all of it counted", () => {
  const world = new World();
  for (let count = 0; count < 10 * 3600 * 24; count += 1) {
    world.broke("plugin_failed", "notify");
    world.pass(50);
    world.mended("plugin_failed", "notify");
    world.pass(50);
  }
  world.pass(2 * DAY);
  expect(world.letters().length).toBeLessThanOrEqual(8);
  expect(world.items().reduce((sum, { breaks }) => sum + breaks, 0)).toBe(10 * 3600 * 24);
  expect(world.items().at(-1)!.open).toBe(false);
});

test("a failure that is recorded ten times a second is told, and counted after ten minutes, an hour and days", () => {
  const world = new World();
  const at: number[] = [];
  for (let count = 0; count < 3 * 24 * 360; count += 1) {
    world.broke("callback_failed", "notify");
    world.pass(10 * SECOND);
  }
  for (const { letter } of world.sent) if (letter.items.length > 0) at.push(letter.sealedAt - START);
  const chat = world.letters().map(({ sealedAt }) => Math.round((sealedAt - START) / MINUTE));
  expect(chat).toEqual([0, 10, 70, 70 + 1440, 70 + 2880]);
});

test("what stays broken is said once a day", () => {
  const world = new World();
  world.broke("plugin_failed", "notify");
  world.pass(3.5 * DAY);
  expect(world.letters().map(({ items }) => items[0]!.breaks)).toEqual([1, 0, 0, 0]);
});

test("one that flapped, and then stays broken, is told of within the hour", () => {
  const world = new World();
  for (let count = 0; count < 40; count += 1) {
    world.broke("plugin_failed", "notify");
    world.pass(15 * MINUTE);
    world.mended("plugin_failed", "notify");
    world.pass(15 * MINUTE);
  }
  world.broke("plugin_failed", "notify");
  const before = world.now;
  world.pass(HOUR + MINUTE);
  const last = world.letters().at(-1)!;
  expect(last.sealedAt).toBeGreaterThan(before);
  expect(last.items[0]!.open).toBe(true);
});

test("while a place is down its letters wait, the other's go; then it gets all of it in few letters", () => {
  const world = new World();
  world.down.add("mail");
  for (let index = 0; index < 30; index += 1) {
    world.broke("plugin_failed", `plugin-${index}`);
    world.pass(MINUTE);
  }
  world.mended("plugin_failed", "plugin-3");
  world.pass(HOUR);
  expect(world.letters("mail")).toEqual([]);
  expect(world.items()).toHaveLength(31);
  world.up("mail");
  world.pass(10 * MINUTE);
  expect(world.letters("mail").length).toBeLessThanOrEqual(2);
  const plugins = world.items("mail").map(({ plugin }) => plugin);
  expect(new Set(plugins).size).toBe(30);
});

test("what there is no room for is counted", () => {
  const world = new World();
  world.down.add(CHAT.sink);
  for (let index = 0; index < 700; index += 1) world.broke("plugin_failed", `plugin-${index}`);
  world.pass(MINUTE);
  world.up(CHAT.sink);
  world.pass(HOUR);
  const told = world.items().reduce((sum, { breaks }) => sum + breaks, 0);
  const leftOut = world.letters().reduce((sum, letter) => sum + letter.leftOut.breaks, 0);
  expect(told + leftOut).toBe(700);
  expect(leftOut).toBe(200);
});

test("messages that never repeat do not fill the memory: they are counted as others", () => {
  const world = new World();
  for (let index = 0; index < 5000; index += 1)
    world.broke("callback_failed", "notify", { fingerprint: `callback_failed/${index}` });
  world.pass(2 * DAY);
  expect(new Set(world.items().map(({ fingerprint }) => fingerprint)).size).toBe(51);
  expect(world.items().reduce((sum, { breaks }) => sum + breaks, 0)).toBe(5000);
});

test("addresses of a plugin are mailed instead, or nobody; chats are told all the same", () => {
  const world = new World();
  world.broke("plugin_failed", "notify", { emails: ["td@studio.com", "b@studio.com"] });
  world.broke("plugin_failed", "quiet", { emails: false });
  world.pass(HOUR);
  const receivers = new Set(world.sent.map(({ receiver }) => receiver));
  expect(receivers).toEqual(new Set(["slack 1", "mail b@studio.com, td@studio.com"]));
  expect(world.items().map(({ plugin }) => plugin)).toEqual(["notify", "quiet"]);
});
