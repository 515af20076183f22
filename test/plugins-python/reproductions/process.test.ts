/** What the Python daemon was seen to do as a process, by the letters of that list, and what `callsheet run` does with its conf. */
import { existsSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../src/config-file.ts";
import { callsheet, folderWith } from "../../cli/process.ts";
import { until } from "../../daemon/rig.ts";
import { CHANGE, ids } from "../../daemon/whole.ts";
import { withoutPython } from "../python.ts";
import { folderOf, openSite } from "./conf-folder.ts";
import { untilThere } from "./plugins.ts";

const run = ({ file, cwd }: { file: string; cwd: string }, env: Record<string, string> = {}) =>
  callsheet(["run", "--config", file], { cwd, env });

describe.skipIf(withoutPython)("callsheet run", { timeout: 120_000 }, () => {
  test.each([
    ["D: an empty", (path: string) => truncateSync(path)],
    ["T: a garbled", (path: string) => writeFileSync(path, "this is not a state file at all\n".repeat(50))],
  ])("%s state file is told of, with what to do, and the exit is not 0", async (_, spoil) => {
    const site = await openSite();
    const studio = folderOf(site);
    const first = run(studio);
    await first.says(/loaded all/);
    first.kill("SIGTERM");
    expect(await first.ended).toEqual({ status: 0, signal: null });
    const journal = readdirSync(studio.state).find((name) => /^journal.*\.sqlite$/.test(name))!;
    spoil(join(studio.state, journal));
    const second = run(studio);
    expect((await second.ended).status).toBe(1);
    expect(second.all).toContain(join(studio.state, journal));
    expect(second.all).toMatch(/callsheet repair/);
    expect(second.all).not.toMatch(/\n\s+at /);
  });

  test("F: a stop while the site is away ends it, with status 0", async () => {
    const site = await openSite();
    const daemon = run(folderOf(site));
    await daemon.says(/loaded all/);
    await site.unplug();
    await daemon.says(/ECONNREFUSED/);
    daemon.kill("SIGTERM");
    expect(await daemon.ended).toEqual({ status: 0, signal: null });
  });

  test("J: the environment and a key with % do not get into the configuration's way", async () => {
    const key = "100%sure%key";
    const site = await openSite(key);
    const emails = {
      enabled: "True",
      server: "smtp.studio.lan",
      from: "a@b.c",
      to: "d@e.f",
      subject: "[SG]",
    };
    const studio = folderOf(site, { key, emails });
    const env = {
      HTTP_PROXY: "http://one:1",
      http_proxy: "http://two:2",
      USERNAME: "somebody",
      PORT: "8080",
      PASSWORD: "secret-of-the-environment",
    };
    const config = await loadConfig(studio.file, { cwd: studio.cwd, env });
    expect(config.site).toMatchObject({ scriptKey: key });
    expect(config.site.httpProxy).toBeUndefined();
    expect(JSON.stringify(config.alerts)).not.toMatch(/somebody|8080|secret-of-the/);
    const daemon = run(studio, env);
    await daemon.says(/loaded all/);
    await site.requests.more(1, "read", "EventLogEntry");
    const { first } = site.site.events.add([CHANGE]);
    await until(() => ids(studio.cwd, "all").length === 1);
    expect(ids(studio.cwd, "all")).toEqual([first]);
    daemon.kill("SIGTERM");
    expect((await daemon.ended).status).toBe(0);
    expect(daemon.all).not.toContain("secret-of-the-environment");
  });

  test("X: Ctrl-C in the middle of a callback lets it finish, and ends with status 0", async () => {
    const site = await openSite();
    const go = join(folderWith(), "go");
    const begun = join(folderWith(), "begun");
    const studio = folderOf(site, { before: `open(${JSON.stringify(begun)}, "w").close()${untilThere(go)}` });
    const daemon = run(studio);
    await daemon.says(/loaded all/);
    await site.requests.more(1, "read", "EventLogEntry");
    const { first } = site.site.events.add([CHANGE, CHANGE]);
    await until(() => existsSync(begun));
    daemon.kill("SIGINT");
    await daemon.says(/SIGINT: finishing what is in hand/);
    writeFileSync(go, "");
    expect(await daemon.ended).toEqual({ status: 0, signal: null });
    expect(ids(studio.cwd, "all")[0]).toBe(first);
    const again = run(studio);
    await again.says(/loaded all/);
    await until(() => ids(studio.cwd, "all").length === 2);
    again.kill("SIGTERM");
    expect((await again.ended).status).toBe(0);
    expect(ids(studio.cwd, "all")).toEqual([first, first + 1]);
    expect(daemon.all + again.all).not.toMatch(/failed on event/);
  });
});
