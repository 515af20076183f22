import { expect, test } from "vitest";
import { parseConfig } from "../../src/config-file.ts";
import { secretsOf } from "../../src/config-secrets.ts";

const FILE = "/studio/callsheet.config.ts";
const SITE = { url: "https://studio.example.com", scriptName: "daemon", scriptKey: { env: "FPT_KEY" } };
const MAIL = { server: "mail.studio.lan", from: "callsheet@studio.com", to: ["pipeline@studio.com"] };
const ENV = { FPT_KEY: "k-1", MAIL_PASSWORD: "p-1", SLACK: "https://hooks.example.com/1", TOKEN: "t-1" };

function parse(alerts: unknown, env: Record<string, string> = ENV) {
  return parseConfig({ site: SITE, alerts }, FILE, env);
}

test("mail needs a server, a sender and somebody to mail; the rest has defaults", () => {
  expect(parse({ mail: MAIL }).alerts.mail).toEqual({
    ...MAIL,
    port: 25,
    tls: "auto",
    subjectPrefix: "[callsheet]",
  });
  expect(() => parse({ mail: { server: "mail" } })).toThrow(
    /mail\.from is missing[\s\S]*mail\.to is missing/,
  );
  expect(() => parse({ mail: { ...MAIL, to: [] } })).toThrow(/alerts\.mail\.to must be a list of mail addr/);
});

test("every secret may stand in the environment, and none is shown by the log", () => {
  const config = parse({
    mail: { ...MAIL, username: "u", password: { env: "MAIL_PASSWORD" }, caCerts: "ca.pem" },
    slack: [{ env: "SLACK" }, "https://hooks.example.com/2"],
    webhooks: [{ url: "https://example.com/a", token: { env: "TOKEN" } }],
  });
  expect(config.alerts.mail).toMatchObject({ password: "p-1", caCerts: "/studio/ca.pem" });
  expect(config.alerts.slack).toEqual(["https://hooks.example.com/1", "https://hooks.example.com/2"]);
  expect(config.alerts.webhooks).toEqual([{ url: "https://example.com/a", token: "t-1" }]);
  expect(secretsOf(config)).toEqual([
    "k-1",
    "p-1",
    "https://hooks.example.com/1",
    "https://hooks.example.com/2",
    "https://example.com/a",
    "t-1",
  ]);
});

test("every variable that is not set is named, with the key", () => {
  const alerts = { mail: { ...MAIL, username: "u", password: { env: "NONE" } }, slack: [{ env: "NEITHER" }] };
  expect(() => parse(alerts)).toThrow(
    /alerts\.mail\.password .* NONE, .*alerts\.slack\[0\] .* NEITHER, which is not set/,
  );
});

test("a password and a name come together", () => {
  expect(() => parse({ mail: { ...MAIL, password: "p" } })).toThrow(
    /mail\.username is missing; it must come/,
  );
  expect(() => parse({ mail: { ...MAIL, username: "u" } })).toThrow(
    /mail\.password is missing; it must come/,
  );
});

test("no secret is shown when it is refused", () => {
  const wrong = { slack: ["", 3, ["https://secret.example.com"]], webhooks: [{ url: 77_001 }], mail: MAIL };
  expect(() => parse(wrong)).toThrow(/alerts\.slack\[0\] must be a text/);
  expect(() => parse(wrong)).not.toThrow(/secret\.example|77001/);
});

test("an address cannot smuggle in a header", () => {
  const from = "a@studio.com\r\nBcc: everybody@studio.com";
  expect(() => parse({ mail: { ...MAIL, from } })).toThrow(/alerts\.mail\.from must be a mail address/);
});

test("a key of a list's item is looked up there", () => {
  expect(() => parse({ webhooks: [{ url: "u", tokn: "t" }] })).toThrow(
    "alerts.webhooks[0].tokn is not a key of the configuration. Did you mean alerts.webhooks[0].token?",
  );
});

test("limits can be switched off", () => {
  const off = { lagLimit: false, siteAwayAfter: false, restartLimit: false, diskFreeLimit: false } as const;
  expect(parse(off).alerts).toMatchObject(off);
  expect(() => parse({ lagLimit: true })).toThrow(/alerts\.lagLimit must be false, or a limit such as "15m"/);
});

test("a configuration that holds itself is refused, and does not hang", () => {
  const alerts: Record<string, unknown> = {};
  alerts.mail = alerts;
  expect(() => parse(alerts)).toThrow(/alerts\.mail\.server is missing/);
});
