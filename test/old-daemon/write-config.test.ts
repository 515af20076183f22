/** A callsheet.config.ts that means what the conf means, without its secrets. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config-file.ts";
import { CallsheetError } from "../../src/errors.ts";
import { checkTarget, writeConfig } from "../../src/old-daemon/write-config.ts";
import { folderWith } from "../cli/process.ts";
import { confText } from "./confs.ts";

const MAILS = {
  enabled: "True",
  server: "smtp.studio.lan",
  useTLS: "True",
  username: "daemon",
  password: 'mail\'s "secret"',
  from: "daemon@studio.lan",
  to: "td@studio.lan, pipeline@studio.lan",
  subject: "[SG]",
};

async function written(
  changes: Parameters<typeof confText>[0],
  env: Record<string, string> = {},
  withSecrets = false,
) {
  const folder = folderWith({ "old/shotgunEventDaemon.conf": confText(changes), "new/keep": "" });
  const conf = join(folder, "old/shotgunEventDaemon.conf");
  const target = join(folder, "new/callsheet.config.ts");
  const before = await loadConfig(conf, { cwd: folder, env });
  checkTarget(target, withSecrets);
  const said = writeConfig(target, before, env, withSecrets);
  return { folder, target, before, said, text: readFileSync(target, "utf8") };
}

test("means the same, also from another folder", async () => {
  const key = "841c9a51bf45";
  const { target, before, said, text } = await written({
    daemon: {
      eventIdFile: "state/daemon.id",
      logPath: "logs",
      logMode: "1",
      timing_log: "on",
      fetch_interval: "3",
    },
    shotgun: { proxy_server: "proxy.studio.lan:3128" },
    plugins: { paths: "plugins, /more/plugins" },
    emails: MAILS,
    callsheet: { gapTimeout: "10m", "python.interpreter": "/venv/bin/python" },
  });
  expect(text).not.toContain(key);
  expect(text).not.toContain("secret");
  expect(said).toMatchObject({
    envFile: null,
    variables: [
      { name: "FPT_SCRIPT_KEY", option: "key in [shotgun]", set: false },
      { name: "SMTP_PASSWORD", option: "password in [emails]", set: false },
    ],
  });
  const env = { FPT_SCRIPT_KEY: key, SMTP_PASSWORD: MAILS.password };
  const after = await loadConfig(target, { cwd: "/", env });
  expect({ ...after, file: "", remarks: [] }).toEqual({ ...before, file: "", remarks: [] });
});

test("what the conf takes from the environment stays there, under its name", async () => {
  const env = { SG_KEY: "very secret", PROXY: "me:hush@proxy.studio.lan:3128" };
  const { target, before, said, text } = await written(
    { shotgun: { key: "%(SG_KEY)s", proxy_server: "%(PROXY)s" } },
    env,
  );
  expect(text).not.toMatch(/very secret|hush/);
  expect(said.variables).toEqual([
    { name: "SG_KEY", option: "key in [shotgun]", set: true },
    { name: "PROXY", option: "proxy_server in [shotgun]", set: true },
  ]);
  process.env.PROXY = env.PROXY;
  const after = await loadConfig(target, { cwd: "/", env });
  delete process.env.PROXY;
  expect(after.site).toEqual(before.site);
  // a proxy that is missing is told, not left out
  await expect(loadConfig(target, { cwd: "/", env })).rejects.toThrow(/httpProxy/);
});

test("secrets go to a file for this user only, when that is asked for", async () => {
  const { folder, said } = await written({ emails: MAILS }, {}, true);
  const file = join(folder, "new/.env");
  expect(said).toMatchObject({ envFile: file, variables: [{ set: true }, { set: true }] });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(parseEnv(readFileSync(file, "utf8"))).toEqual({
    FPT_SCRIPT_KEY: "841c9a51bf45",
    SMTP_PASSWORD: MAILS.password,
  });
});

test("secrets of the section [callsheet] stay out of it too", async () => {
  const { text, said } = await written({
    callsheet: {
      "alerts.slack": '["https://hooks.slack.com/services/T/B/xyz"]',
      "alerts.webhooks": '[{"url": "https://alerts.studio.lan/x", "token": "bearer"}]',
    },
  });
  expect(text).not.toMatch(/hooks\.slack|alerts\.studio|bearer/);
  expect(said.variables.map(({ name, option }) => [name, option]).slice(1)).toEqual([
    ["SLACK_WEBHOOK_1", "alerts.slack.0 in [callsheet]"],
    ["ALERT_WEBHOOK_1", "alerts.webhooks.0.url in [callsheet]"],
    ["ALERT_WEBHOOK_TOKEN_1", "alerts.webhooks.0.token in [callsheet]"],
  ]);
});

test("nothing that is there is overwritten", async () => {
  const { target, before, folder } = await written({});
  const text = readFileSync(target, "utf8");
  expect(() => checkTarget(target, false)).toThrow(CallsheetError);
  expect(() => writeConfig(target, before, {}, false)).toThrow(/cannot be written: EEXIST/);
  expect(readFileSync(target, "utf8")).toBe(text);
  writeFileSync(join(folder, "new/.env"), "MINE=1\n");
  expect(() => checkTarget(join(folder, "new/other.config.ts"), true)).toThrow(/\.env is there already/);
  expect(() => checkTarget(join(folder, "new/callsheet.config.json"), false)).toThrow(
    /must end in \.ts or \.mts/,
  );
  expect(existsSync(join(folder, "new/callsheet.config.json"))).toBe(false);
});
