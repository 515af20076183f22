/** Alerts beside a daemon: places that are down, slow or hang, and restarts. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AlertsOptions } from "../../src/alerts/alerts.ts";
import { temporaryFolder, until } from "../daemon/rig.ts";
import { failure, mailTo, openOffice } from "./office.ts";
import { type Mailbox, openMailbox, openReceiver } from "./places.ts";

const subjects = ({ mails }: Mailbox) => mails.map(({ subject }) => subject);
const MEND = { kind: "plugin_failed", plugin: "notify" } as const;
const BROKEN = "[callsheet] notify: TypeError: shot is null";
const WELL = "Re: [callsheet] [running again] notify: TypeError: shot is null";

test("broken, and running again", async () => {
  const mailbox = await openMailbox();
  const { alerts } = await openOffice({ mail: mailTo(mailbox.port) });
  alerts.broke(failure("notify"));
  await until(() => mailbox.mails.length === 1);
  alerts.mended(MEND);
  await until(() => mailbox.mails.length === 2);
  expect(subjects(mailbox)).toEqual([BROKEN, WELL]);
  const [first, second] = mailbox.mails;
  expect(second!.references).toBe(first!.messageId);
  await until(() => alerts.status()[0]!.sent === 2);
  expect(alerts.status()).toMatchObject([{ name: "mail", state: "ok", waiting: 0 }]);
});

test("a mail server that is down gets it all when it is up again; a chat has it at once", async () => {
  const { port, close } = await openMailbox();
  await close();
  const chat = await openReceiver();
  const { alerts, log } = await openOffice({ mail: mailTo(port), slack: [chat.url] });
  alerts.broke(failure("notify"));
  await until(() => chat.posts.length === 1);
  alerts.mended(MEND);
  await until(() => chat.posts.length === 2);
  await log.line("an alert could not be sent: The mail server localhost:");
  await until(() => alerts.status()[1]!.waiting === 0);
  expect(alerts.status()).toMatchObject([
    { name: "mail", state: "failing", waiting: 1, lastError: expect.stringContaining("nothing listens") },
    { name: "slack 1", state: "ok", waiting: 0 },
  ]);
  const again = await openMailbox({ port });
  await until(() => again.mails.length === 2);
  expect(subjects(again)).toEqual([BROKEN, WELL]);
  await log.line("alerts go out again by mail");
  await until(() => alerts.status()[0]!.sent === 2);
  expect(alerts.status()[0]).toMatchObject({ state: "ok", lastError: null });
});

test("an outage is logged once in a while, not at each try", async () => {
  const { port, close } = await openMailbox();
  await close();
  const { alerts, log } = await openOffice(
    { mail: mailTo(port) },
    { timing: { retry: { first: 1, most: 1, mostRefused: 1 } } },
  );
  alerts.broke(failure("notify"));
  const told = () => log.lines.filter(({ code }) => code === "ALERT_NOT_SENT").length;
  await until(() => told() === 3);
  expect(log.lines.every(({ message }) => !message.includes("undefined"))).toBe(true);
});

test("one receiver that is refused holds up no other", async () => {
  const gone = Object.assign(new Error("No such user"), { responseCode: 550 });
  const mailbox = await openMailbox({ refuse: (address) => (address.startsWith("gone") ? gone : null) });
  const { alerts } = await openOffice({ mail: mailTo(mailbox.port) });
  alerts.broke({ ...failure("first"), emails: ["gone@studio.com"] });
  alerts.broke({ ...failure("second"), emails: ["td@studio.com"] });
  await until(() => mailbox.mails.length === 1);
  expect(mailbox.mails[0]!.recipients).toEqual(["td@studio.com"]);
  await until(() => mailbox.connections() > 3);
  await until(() => alerts.status()[0]!.sent === 1);
  expect(alerts.status()).toMatchObject([{ state: "failing", waiting: 1 }]);
});

test("breaking and mending cost nothing while a server hangs", async () => {
  const mailbox = await openMailbox({ onMailFrom() {} });
  const { alerts } = await openOffice({ mail: mailTo(mailbox.port) }, { timing: { patience: 20_000 } });
  alerts.broke(failure("first"));
  await until(() => mailbox.connections() === 1);
  const began = performance.now();
  for (let count = 0; count < 100_000; count += 1) alerts.broke(failure("notify"));
  // 10 µs each would be a second; the machine of a test may be busy
  expect(performance.now() - began).toBeLessThan(5000);
  expect(alerts.status()).toMatchObject([{ waiting: 1 }]);
});

test("a chat that changes its place in the list keeps what is its own", async () => {
  const [first, second] = [await openReceiver(() => ({ status: 500 })), await openReceiver()];
  const { alerts, state, log } = await openOffice({ slack: [first.url] });
  alerts.broke(failure("notify"));
  await log.line("an alert could not be sent");
  await alerts.close();
  const asked = first.asked();
  const again = await openOffice({ slack: [second.url, first.url] }, { state });
  await until(() => first.asked() > asked);
  expect(second.posts).toEqual([]);
  expect(again.alerts.status()).toMatchObject([
    { name: "slack 1", waiting: 0 },
    { name: "slack 2", waiting: 1 },
  ]);
});

test("what waits for the configured addresses goes to those that are configured now", async () => {
  const gone = Object.assign(new Error("No such user"), { responseCode: 550 });
  const mailbox = await openMailbox({ refuse: (address) => (address.startsWith("gone") ? gone : null) });
  const mail = mailTo(mailbox.port, { to: ["gone@studio.com"] });
  const { alerts, state, log } = await openOffice({ mail });
  alerts.broke(failure("notify"));
  await log.line("refused sender, receiver or mail");
  await alerts.close();
  await openOffice({ mail: mailTo(mailbox.port) }, { state });
  await until(() => mailbox.mails.length === 1);
  expect(mailbox.mails[0]!.recipients).toEqual(["pipeline@studio.com"]);
});

test("what a receiver refuses for days is given up, and said so", async () => {
  const gone = Object.assign(new Error("No such user"), { responseCode: 550 });
  const mailbox = await openMailbox({ refuse: () => gone });
  const { alerts, log } = await openOffice({ mail: mailTo(mailbox.port) }, { timing: { giveUp: 1 } });
  alerts.broke({ ...failure("notify"), emails: ["gone@studio.com"] });
  expect((await log.line("is given up")).message).toContain("gone@studio.com");
  await until(() => alerts.status()[0]!.waiting === 0);
});

/** Opens alerts in this folder; the one before it ended without a word. */
async function killedAndOpened(state: string, input: object, more: Partial<AlertsOptions> = {}) {
  return openOffice(input, { state, ...more });
}

test("what was told before a restart is not told again, and its recovery is", async () => {
  const mailbox = await openMailbox();
  const mail = mailTo(mailbox.port);
  const { alerts, state } = await openOffice({ mail });
  alerts.broke(failure("notify", { seq: 12 }));
  await until(() => mailbox.mails.length === 1);
  await alerts.close();
  const second = await killedAndOpened(state, { mail });
  expect(second.alerts.wasKilled).toBe(false);
  expect(second.alerts.openPlugins()).toEqual([{ plugin: "notify", kind: "plugin_failed", seq: 12 }]);
  second.alerts.broke(failure("notify"));
  second.alerts.mended(MEND);
  await until(() => mailbox.mails.length === 2);
  expect(subjects(mailbox)).toEqual([BROKEN, WELL]);
  expect(mailbox.mails[1]!.references).toBe(mailbox.mails[0]!.messageId);
});

test("what could not be told before a restart is told after it", async () => {
  const { port, close } = await openMailbox();
  await close();
  const { alerts, state, log } = await openOffice({ mail: mailTo(port) });
  alerts.broke(failure("notify"));
  await log.line("an alert could not be sent");
  await alerts.close();
  const mailbox = await openMailbox();
  await killedAndOpened(state, { mail: mailTo(mailbox.port) });
  await until(() => mailbox.mails.length === 1);
  expect(subjects(mailbox)).toEqual([BROKEN]);
});

test("what breaks at the very end is told before the end", async () => {
  const mailbox = await openMailbox();
  const { alerts } = await openOffice(
    { mail: mailTo(mailbox.port), gather: "10m" },
    { timing: { close: 20_000 } },
  );
  alerts.broke(failure("notify"));
  await alerts.close();
  expect(subjects(mailbox)).toEqual([BROKEN]);
});

test("a place that hangs does not hold up the end", async () => {
  const mailbox = await openMailbox({ onMailFrom() {} });
  const { alerts, state } = await openOffice(
    { mail: mailTo(mailbox.port) },
    { timing: { patience: 20_000 } },
  );
  alerts.broke(failure("notify"));
  await until(() => mailbox.connections() === 1);
  await alerts.close();
  expect(JSON.parse(readFileSync(join(state, "alerts.json"), "utf8"))).toMatchObject({
    running: false,
    desk: { outboxes: [{ letters: [{ items: [{ plugin: "notify" }] }] }] },
  });
});

test("one that was killed is known by its successor", async () => {
  const { state } = await openOffice({ slack: ["http://127.0.0.1:9/"] });
  const { alerts } = await killedAndOpened(state, { slack: ["http://127.0.0.1:9/"] });
  expect(alerts.wasKilled).toBe(true);
});

test("a letter that may have gone before a kill goes again under the same id", async () => {
  const mailbox = await openMailbox({ onMailFrom() {} });
  const { alerts, state } = await openOffice(
    { mail: mailTo(mailbox.port) },
    { timing: { patience: 20_000 } },
  );
  alerts.broke(failure("notify"));
  await until(() => mailbox.connections() === 1);
  // as the disk is when the process dies in the middle of sending
  const disk = readFileSync(join(state, "alerts.json"), "utf8");
  const { id } = JSON.parse(disk).desk.outboxes[0].letters[0];
  const other = temporaryFolder();
  writeFileSync(join(other, "alerts.json"), disk);
  const second = await openMailbox();
  await killedAndOpened(other, { mail: mailTo(second.port) });
  await until(() => second.mails.length === 1);
  expect(second.mails[0]!.messageId).toBe(`<${id}>`);
});

test("a damaged file is set aside, and said so", async () => {
  const state = temporaryFolder();
  writeFileSync(join(state, "alerts.json"), '{"version":1,"desk":{"ca');
  const { log } = await openOffice({ slack: ["http://127.0.0.1:9/"] }, { state });
  expect((await log.line("alerts.json.damaged")).code).toBe("STATE_CORRUPT");
});

test("no secret leaves the house, nor stands in the state folder", async () => {
  const mailbox = await openMailbox();
  const { alerts, state } = await openOffice({ mail: mailTo(mailbox.port) });
  alerts.broke(
    failure("notify", { message: "Error: key s3cret-key refused", stack: "at s3cret-key (a.ts:1:1)" }),
  );
  await until(() => mailbox.mails.length === 1);
  expect(mailbox.mails[0]!.text).toContain("Error: key *** refused");
  expect(mailbox.mails[0]!.raw).not.toContain("s3cret-key");
  expect(readFileSync(join(state, "alerts.json"), "utf8")).not.toContain("s3cret-key");
});

test("a digest says how often it happened since", async () => {
  const mailbox = await openMailbox();
  const { alerts } = await openOffice({ mail: mailTo(mailbox.port), digests: ["300ms", "1d"] });
  alerts.broke(failure("notify"));
  await until(() => mailbox.mails.length === 1);
  for (let count = 0; count < 412; count += 1) alerts.broke(failure("notify"));
  await until(() => mailbox.mails.length === 2);
  expect(mailbox.mails[1]).toMatchObject({
    subject: "Re: [callsheet] [412 more] notify: TypeError: shot is null",
    text: expect.stringContaining("happened  413 times (412 times since the last message)"),
  });
});
