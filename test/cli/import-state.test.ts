/** `callsheet import-state` with real daemons: a studio that goes from one machine to a cluster, and back. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { moveBetween } from "../../src/journal/moving/between.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { until } from "../daemon/rig.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { appendIds, idsAfter } from "../journal/support.ts";
import { changeTask } from "./change-task.ts";
import { callsheet, folderWith } from "./process.ts";

const PLUGIN = `
import { appendFileSync } from "node:fs";
export function registerCallbacks(reg) {
  reg.registerCallback({
    scriptName: process.env.SCRIPT_NAME,
    scriptKey: process.env.SCRIPT_KEY,
    matchEvents: { Shotgun_Task_Change: ["sg_status_list"] },
    callback: (_sg, _logger, event) => appendFileSync("had", event.id + (event.redelivered ? " again" : "") + "\\n"),
  });
}
`;

describe.skipIf(withoutPostgres)("import-state", () => {
  const server = useServer();

  async function studio() {
    const site = await openSandbox({ studio: "small" });
    onTestFinished(() => site.close());
    const { url, scriptName, scriptKey } = site;
    const cwd = folderWith({
      "single.config.json": config(url, scriptName),
      "callsheet.config.json": config(url, scriptName, { cluster: { url: { env: "DATABASE" } } }),
      "plugins/watch.js": PLUGIN,
    });
    const env = { SCRIPT_NAME: scriptName, SCRIPT_KEY: scriptKey, DATABASE: server.url };
    const had = () => {
      const file = join(cwd, "had");
      return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
    };
    return { site, cwd, env, had };
  }

  function config(url: string, scriptName: string, more: object = {}): string {
    const site = { url, scriptName, scriptKey: { env: "SCRIPT_KEY" } };
    return JSON.stringify({
      site,
      fetchInterval: "50ms",
      server: { enabled: false },
      start: "latest",
      ...more,
    });
  }

  /** Runs a daemon until the plugin has had so many events in all. */
  async function follow(
    { cwd, env, had }: Awaited<ReturnType<typeof studio>>,
    file: string,
    count: number,
    meanwhile: () => void = () => {},
  ): Promise<void> {
    const daemon = callsheet(["run", "--config", file], { cwd, env });
    await daemon.says(/loaded watch/);
    await daemon.says(/first start|continuing after/);
    meanwhile();
    await until(
      () => had().length >= count,
      () => `${had().length} of ${count} events\n${daemon.all}`,
      120_000,
    );
    daemon.kill("SIGTERM");
    expect((await daemon.ended).status).toBe(0);
  }

  let turn = 0;
  /** A status that is set again makes no event. */
  const change = (site: Sandbox, times: number) => {
    for (let at = 0; at < times; at += 1) changeTask(site, ["ip", "rev"][turn++ % 2]!);
  };

  test("moves there and back without losing or repeating an event", async () => {
    const all = await studio();
    const { site, cwd, env, had } = all;
    const run = (...args: string[]) => callsheet(["import-state", ...args], { cwd, env });
    await follow(all, "single.config.json", 3, () => change(site, 3));
    change(site, 2);

    const early = callsheet(["run"], { cwd, env });
    expect((await early.ended).status).not.toBe(0);
    expect(early.all).toMatch(/database is empty, and there is a state of a single machine in .*state\./);

    const there = run("--from", "sqlite");
    expect((await there.ended).status).toBe(0);
    expect(there.stdout).toMatch(
      /^The state in .*state is now in schema callsheet of 127\.0\.0\.1:\d+\/postgres: [\d,]+ events, 1 plugin\.\n/,
    );
    expect(there.stderr).toBe("");
    const refused = callsheet(["run", "--config", "single.config.json"], { cwd, env });
    expect((await refused.ended).status).not.toBe(0);
    expect(refused.all).toContain("was moved to schema callsheet of 127.0.0.1");

    await follow(all, "callsheet.config.json", 7, () => change(site, 2));
    change(site, 1);
    const checked = callsheet(["check"], { cwd, env });
    await checked.ended;
    expect(checked.stdout).toMatch(/^ok +state +.* can be written; events are in the database$/m);
    const busy = callsheet(["run"], { cwd, env });
    await busy.says(/loaded watch/);
    const tooEarly = run("--from", "postgres");
    expect((await tooEarly.ended).status).toBe(1);
    expect(tooEarly.stderr).toMatch(/Daemons of the cluster are running: .*STATE_LOCKED/s);
    busy.kill("SIGTERM");
    expect((await busy.ended).status).toBe(0);
    const back = run("--from", "postgres", "--json");
    expect((await back.ended).status).toBe(0);
    expect(JSON.parse(back.stdout)).toMatchObject({ resumed: false, plugins: 1 });
    await follow(all, "single.config.json", 9, () => change(site, 1));

    const ids = had().map((line) => Number(line));
    expect(ids).toHaveLength(9);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  }, 500_000);

  test("says what is wrong", { timeout: 120_000 }, async () => {
    const { cwd, env } = await studio();
    const said = async (...args: string[]) => {
      const running = callsheet(["import-state", ...args], { cwd, env });
      const { status } = await running.ended;
      return `${status} ${running.stderr}`;
    };
    expect(await said()).toMatch(/^2 error: required option '--from <engine>' not specified/);
    expect(await said("--from", "sqlite", "--config", "single.config.json")).toMatch(
      /names no cluster\..*CONFIG_INVALID/s,
    );
    expect(await said("--from", "sqlite")).toMatch(
      /^1 error: There is no state in .*state\..*STATE_UNUSABLE/s,
    );
    expect(await said("--from", "sqlite", "--abandon")).toMatch(
      /^2 error: No move of the state in .*state to schema \w+ of .* has begun\./,
    );
  });

  test("gives up a move that was broken off", { timeout: 120_000 }, async () => {
    const { cwd, env } = await studio();
    const run = async (...args: string[]) => {
      const running = callsheet(args, { cwd, env });
      const { status } = await running.ended;
      return { status, all: running.all };
    };
    const folder = join(cwd, "state");
    const journal = await openSqliteJournal({ folder });
    await appendIds(journal, [1, 2]);
    await journal.close();
    const ends = { folder, url: server.url, schema: "callsheet", leaseMs: 3000 };
    await expect(
      moveBetween(ends, "sqlite", () => {
        throw new Error("killed");
      }),
    ).rejects.toThrow("killed");
    const unfinished =
      /The move of the state in .*state\b.* to schema .* has not finished\..*with --abandon/is;
    for (const command of ["run", "check"]) expect((await run(command)).all).toMatch(unfinished);
    expect((await run("run", "--config", "single.config.json")).all).toMatch(unfinished);
    const { status, all } = await run("import-state", "--from", "sqlite", "--abandon");
    expect(status).toBe(0);
    expect(all).toMatch(
      /^The move of the state in .*state to schema .* is given up\. The state is used from where it was\.\nStart the daemon of this machine/,
    );
    const again = await openSqliteJournal({ folder });
    expect(await idsAfter(again, 0)).toEqual([1, 2]);
    await again.close();
  });
});
