import { expect, test } from "vitest";
import { openMailbox, openReceiver } from "../alerts/places.ts";
import { callsheet, folderWith } from "./process.ts";

function folder(alerts: object): string {
  const site = { url: "https://studio.example.com", scriptName: "s", scriptKey: "k" };
  return folderWith({ "callsheet.config.json": JSON.stringify({ site, alerts }) });
}

async function alertsTest(cwd: string) {
  const running = callsheet(["alerts", "test", "--json"], { cwd });
  const { status } = await running.ended;
  expect(running.stderr).toBe("");
  return {
    status,
    findings: JSON.parse(running.stdout) as { status: string; what: string; detail: string }[],
  };
}

test("each place gets a message, and it is said who took it", async () => {
  const mailbox = await openMailbox();
  const [chat, hook] = [await openReceiver(), await openReceiver()];
  const mail = { server: "127.0.0.1", port: mailbox.port, from: "c@studio.com", to: ["a@studio.com"] };
  const cwd = folder({ mail, slack: [chat.url], webhooks: [{ url: hook.url, token: "t" }] });
  const { status, findings } = await alertsTest(cwd);
  expect(status).toBe(0);
  expect(findings).toMatchObject([
    {
      status: "ok",
      what: "alerts by mail",
      detail: `127.0.0.1:${mailbox.port} took a message for a@studio.com`,
    },
    { status: "ok", what: "alerts by slack 1" },
    { status: "ok", what: "alerts by webhook 1" },
  ]);
  expect(mailbox.mails).toMatchObject([
    { subject: "[callsheet] a test", text: expect.stringContaining("nothing is broken") },
  ]);
  expect(chat.posts[0]!.body.text).toBe("*a test*");
  expect(hook.posts[0]!.body).toMatchObject({ version: 1, subject: "a test", alerts: [] });
});

test("a place that does not take it: status 1, what is wrong and the cure", async () => {
  const mailbox = await openMailbox();
  await mailbox.close();
  const mail = { server: "127.0.0.1", port: mailbox.port, from: "c@studio.com", to: ["a@studio.com"] };
  const { status, findings } = await alertsTest(folder({ mail }));
  expect(status).toBe(1);
  expect(findings).toEqual([
    {
      status: "fail",
      what: "alerts by mail",
      detail: `The mail server 127.0.0.1:${mailbox.port} cannot be used: nothing listens there.`,
      cure: "Check name and port, and whether the server is up.",
    },
  ]);
});

test("no place at all is said", async () => {
  const { status, findings } = await alertsTest(folder({}));
  expect(status).toBe(0);
  expect(findings[0]!.detail).toBe("nobody is told when something breaks");
});

test("check says hello to the mail server, and sends nothing", async () => {
  const mailbox = await openMailbox();
  const mail = { server: "127.0.0.1", port: mailbox.port, from: "c@studio.com", to: ["a@studio.com"] };
  const running = callsheet(["check"], { cwd: folder({ mail, slack: ["http://127.0.0.1:9/x"] }) });
  await running.ended;
  expect(running.stdout).toContain(`127.0.0.1:${mailbox.port} lets us in; alerts go to a@studio.com`);
  expect(running.stdout).toContain("127.0.0.1:9; to try it: callsheet alerts test");
  expect(mailbox.connections()).toBe(1);
  expect(mailbox.mails).toEqual([]);
});
