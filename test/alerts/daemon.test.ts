/** The whole way: a real daemon and site, plugins that break, a real mail server. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TestLog, until } from "../daemon/rig.ts";
import { CHANGE, daemonWith, lane, start, untilFollowing } from "../daemon/whole.ts";
import { withoutPython } from "../plugins-python/python.ts";
import { type Mailbox, openMailbox } from "./places.ts";

/** Fails in line 5, or not. */
function plugin(fails: boolean, more = ""): string {
  return `import type { Registrar } from "callsheet";
export function registerCallbacks(reg: Registrar) {
  ${more}
  reg.registerCallback("s", "k", function onStatus(_sg, _logger, event) {
    if (${fails}) throw new TypeError("shot " + event.id + " is null");
  }, null, null, ${!more.includes("goes on")});
}`;
}

function mailTo(mailbox: Mailbox, more: object = {}) {
  const mail = {
    server: "127.0.0.1",
    port: mailbox.port,
    from: "callsheet@studio.com",
    to: ["pipeline@studio.com"],
  };
  return { alerts: { gather: "50ms", mail, ...more } };
}

const subjects = ({ mails }: Mailbox) => mails.map(({ subject }) => subject);

test("a plugin fails: one mail. Its file is mended: one that says so", async () => {
  const mailbox = await openMailbox();
  const { folder, sandbox } = await daemonWith({ "notify.ts": plugin(true) }, mailTo(mailbox));
  const meta = { type: "attribute_change", old_value: "wtg", new_value: "ip" };
  const { first } = sandbox.site.events.add([{ ...CHANGE, meta }, CHANGE, CHANGE]);
  await until(() => mailbox.mails.length === 1);
  const { text, html, subject, recipients } = mailbox.mails[0]!;
  expect(recipients).toEqual(["pipeline@studio.com"]);
  expect(subject).toBe(`[callsheet] notify: TypeError: shot ${first} is null`);
  for (const part of [
    `notify stopped at event ${first}; its events wait.`,
    join(folder, "plugins/notify.ts"),
    "onStatus",
    "wtg → ip",
    "3 events",
    `${join(folder, "plugins/notify.ts")}:5:`,
    "callsheet retry notify",
    `${sandbox.url}/detail/Project/`,
  ]) {
    expect(text).toContain(part);
    expect(html).toContain(part);
  }
  writeFileSync(join(folder, "plugins/notify.ts"), plugin(false));
  await until(() => mailbox.mails.length === 2);
  expect(mailbox.mails[1]).toMatchObject({
    subject: `Re: [callsheet] [running again] notify: TypeError: shot ${first} is null`,
    text: expect.stringMatching(/^notify is running again/),
    references: mailbox.mails[0]!.messageId,
  });
});

test("a thousand failures that are recorded: one mail, then digests with all of them counted", async () => {
  const mailbox = await openMailbox();
  const options = mailTo(mailbox, { digests: ["2s"] });
  const { sandbox, daemon } = await daemonWith({ "notify.ts": plugin(true, "// goes on") }, options);
  const began = performance.now();
  sandbox.site.events.add(Array.from({ length: 1000 }, () => CHANGE));
  await until(() => lane(daemon, "notify").backlog === 0 && lane(daemon, "notify").doneSeq >= 1000);
  const counted = () =>
    mailbox.mails.map(({ text }) =>
      Number(/happened +([\d,]+) times/.exec(text ?? "")?.[1]?.replace(",", "") ?? 1),
    );
  await until(() => counted().at(-1) === 1000);
  expect(mailbox.mails.length).toBeLessThanOrEqual(2 + (performance.now() - began) / 2000);
  expect(mailbox.mails[0]!.subject).toMatch(/^\[callsheet\] (\[[\d,]+ times\] )?notify: TypeError: shot/);
});

test.skipIf(withoutPython)(
  "what plugins log as errors is mailed once, to whom they say, beside what stops them",
  async () => {
    const mailbox = await openMailbox();
    const files = {
      "tell.ts": `import type { Registrar } from "callsheet";
export function registerCallbacks(reg: Registrar) {
  reg.setEmails("tell@studio.com");
  reg.registerCallback("s", "k", function onStatus(_sg, logger, event) {
    logger.warn("all is well");
    logger.error("no task for event %d", event.id);
  });
}`,
      "fail.py": `def on_status(sg, logger, event, args):
    logger.error("about to fail")
    raise ValueError("no shot")

def registerCallbacks(reg):
    reg.setEmails("fail@studio.com")
    reg.registerCallback("s", "k", on_status)
`,
    };
    const { sandbox } = await daemonWith(files, mailTo(mailbox));
    const { first } = sandbox.site.events.add([CHANGE, CHANGE]);
    await until(
      () => mailbox.mails.length >= 2 && mailbox.mails.some(({ text }) => text?.includes("ValueError")),
    );
    const to = (address: string) => mailbox.mails.filter(({ recipients }) => recipients.includes(address));
    expect(to("tell@studio.com")).toHaveLength(1);
    const [told] = to("tell@studio.com");
    expect(told!.subject).toMatch(/^\[callsheet\] (\[2 times\] )?tell says: no task for event \d+$/);
    expect(told!.text).toContain(`tell wrote an error into its log at event ${first}, and goes on.`);
    expect(told!.text).not.toContain("all is well");
    const failed = to("fail@studio.com")
      .map(({ text }) => text)
      .join("\n");
    expect(failed).toContain("about to fail");
    expect(failed.match(/ValueError: no shot/g)?.length).toBeGreaterThan(0);
    expect(failed).not.toContain("says: ValueError");
  },
);

test("a plugin says who is mailed about it, and who is not", async () => {
  const mailbox = await openMailbox();
  const plugins = {
    "loud.ts": plugin(true, 'reg.setEmails("td@studio.com", "lead@studio.com");'),
    "quiet.ts": plugin(true, "reg.setEmails(false);"),
    "python.py": `
def registerCallbacks(reg):
    reg.setEmails("py@studio.com")
    reg.registerCallback("s", "k", fail)

def fail(sg, logger, event, args):
    raise ValueError("no")
`,
  };
  const { sandbox, daemon } = await daemonWith(plugins, mailTo(mailbox));
  sandbox.site.events.add([CHANGE]);
  await until(() => daemon.status().plugins.every(({ activity }) => activity === "failed"));
  await until(() => mailbox.mails.length === 2);
  expect(mailbox.mails.map(({ recipients }) => recipients).sort()).toEqual([
    ["lead@studio.com", "td@studio.com"],
    ["py@studio.com"],
  ]);
  const { text } = mailbox.mails.find(({ recipients }) => recipients[0] === "py@studio.com")!;
  expect(text).toMatch(/plugins\/python\.py", line 7, in fail/);
});

test("a file that no longer loads, and a helper that never registered", async () => {
  const mailbox = await openMailbox();
  const plugins = { "notify.ts": plugin(false), "helper.ts": "export const x = 1;" };
  const { folder } = await daemonWith(plugins, mailTo(mailbox));
  writeFileSync(join(folder, "plugins/notify.ts"), "export function registerCallbacks( {");
  await until(() => mailbox.mails.length === 1);
  expect(mailbox.mails[0]).toMatchObject({
    subject: "[callsheet] notify does not load",
    text: expect.stringMatching(/PLUGIN_SYNTAX/),
  });
  writeFileSync(join(folder, "plugins/notify.ts"), plugin(false));
  await until(() => mailbox.mails.length === 2);
  expect(subjects(mailbox)[1]).toBe("Re: [callsheet] [running again] notify does not load");
});

test("after a restart a file that does not load is told to those whom it named when it did", async () => {
  const mailbox = await openMailbox();
  const named = plugin(false, 'reg.setEmails("td@studio.com");');
  const { daemon, folder, config } = await daemonWith({ "notify.ts": named }, mailTo(mailbox));
  await daemon.stop();
  writeFileSync(join(folder, "plugins/notify.ts"), "export function registerCallbacks( {");
  await start(config, new TestLog());
  await until(() => mailbox.mails.length === 1);
  expect(mailbox.mails[0]).toMatchObject({
    subject: "[callsheet] notify does not load",
    recipients: ["td@studio.com"],
  });
});

test("errors that say what they belong to are one case, in any language", async () => {
  const mailbox = await openMailbox();
  const plugins = {
    "farm.ts": `export function registerCallbacks(reg) {
  reg.registerCallback("s", "k", function submit(_sg, _logger, event) {
    throw Object.assign(new Error(event.id % 2 ? "refused" : "no answer"), { fingerprint: "render farm" });
  }, null, null, false);
}`,
    "snake.py": `
class FarmError(Exception):
    fingerprint = "render farm"

def registerCallbacks(reg):
    reg.registerCallback("s", "k", submit, stopOnError=False)

def submit(sg, logger, event, args):
    if event["id"] % 2:
        raise FarmError("refused")
    raise FarmError("no answer")
`,
  };
  const { daemon, sandbox } = await daemonWith(plugins, mailTo(mailbox));
  sandbox.site.events.add([CHANGE, CHANGE, CHANGE, CHANGE]);
  await until(() => ["farm", "snake"].every((name) => lane(daemon, name).failures.recorded === 4));
  const groups = await daemon.answers.failures();
  expect(groups.map(({ plugin, count }) => [plugin, count]).sort()).toEqual([
    ["farm", 4],
    ["snake", 4],
  ]);
  await until(() => mailbox.mails.length >= 2);
  for (const { text } of mailbox.mails.slice(0, 2))
    expect(text).toContain("what the error says itself: render farm");
});

test("mended while the daemon was down: the recovery is told after it is up", async () => {
  const mailbox = await openMailbox();
  const { sandbox, daemon, folder, config } = await daemonWith(
    { "notify.ts": plugin(true) },
    mailTo(mailbox),
  );
  sandbox.site.events.add([CHANGE]);
  await until(() => mailbox.mails.length === 1);
  await daemon.stop();
  writeFileSync(join(folder, "plugins/notify.ts"), plugin(false));
  await untilFollowing(await start(config, new TestLog()));
  await until(() => mailbox.mails.length === 2);
  expect(subjects(mailbox)[1]).toMatch(/^Re: \[callsheet\] \[running again\] notify: /);
});

test("a plugin whose file is taken away is mended too", async () => {
  const mailbox = await openMailbox();
  const { sandbox, folder } = await daemonWith({ "notify.ts": plugin(true) }, mailTo(mailbox));
  sandbox.site.events.add([CHANGE]);
  await until(() => mailbox.mails.length === 1);
  rmSync(join(folder, "plugins/notify.ts"));
  await until(() => mailbox.mails.length === 2);
  expect(mailbox.mails[1]!.text).toContain("notify was removed; nothing is broken any more.");
});

test("a site that is away for longer than configured, and that answers again", async () => {
  const mailbox = await openMailbox();
  const { sandbox } = await daemonWith({}, mailTo(mailbox, { siteAwayAfter: "100ms" }));
  sandbox.faults.next({ kind: "status", status: 502, times: 1000 });
  await until(() => mailbox.mails.length === 1);
  expect(subjects(mailbox)).toEqual(["[callsheet] the site is away"]);
  sandbox.faults.end();
  await until(() => mailbox.mails.length === 2);
  expect(subjects(mailbox)[1]).toBe("Re: [callsheet] [answers again] the site is away");
});

test("a wrong address of a webhook refuses the start, and leaves nothing behind", async () => {
  const alerts = { slack: ["hooks.slack.com/x"] };
  await expect(daemonWith({ "notify.ts": plugin(false) }, { alerts })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
  });
});

test("a state that is damaged is told by the daemon that cannot start, once", async () => {
  const mailbox = await openMailbox();
  const { daemon, config } = await daemonWith({ "notify.ts": plugin(false) }, mailTo(mailbox));
  await daemon.stop();
  writeFileSync(join(config.state, "journal.sqlite"), "not a database, ".repeat(1000));
  for (let count = 0; count < 3; count += 1)
    await expect(start(config, new TestLog())).rejects.toMatchObject({ code: "STATE_CORRUPT" });
  expect(subjects(mailbox)).toEqual(["[callsheet] the daemon stopped"]);
  expect(mailbox.mails[0]!.text).toContain("STATE_CORRUPT");
});

test("a daemon that was killed is told of by the next one", async () => {
  const mailbox = await openMailbox();
  const { daemon, config } = await daemonWith({ "notify.ts": plugin(false) }, mailTo(mailbox));
  await daemon.stop();
  const file = join(config.state, "alerts.json");
  writeFileSync(file, readFileSync(file, "utf8").replace('"running":false', '"running":true'));
  await start(config, new TestLog());
  await until(() => mailbox.mails.length === 1);
  expect(subjects(mailbox)).toEqual(["[callsheet] the daemon was killed"]);
});
