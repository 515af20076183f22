/** Daemons of a cluster whose plugin files are others than those that ran: who goes on, who waits, and what an operator can do. */
import { appendFileSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE } from "../daemon/whole.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { python } from "../plugins-python/python.ts";
import { ClusterStudio } from "./studio.ts";

const PATIENCE_MS = 90_000;

describe.skipIf(withoutPostgres)("plugin files of a cluster", { timeout: 300_000 }, () => {
  const server = useServer();
  let sandbox!: Sandbox;
  let studio: ClusterStudio;

  beforeEach(async () => {
    sandbox = await openSandbox();
    const config = {
      url: server.url,
      schema: server.freshSchema(),
      lease: "3s",
      hosts: { bob: { labels: ["render"] } },
    };
    const { newestId } = sandbox.site.events;
    studio = new ClusterStudio(sandbox, config, { start: newestId + 1, reloadInterval: "100ms" });
    studio.add("one");
  });
  afterEach(async () => {
    await studio.end();
    await sandbox.close();
  });

  const happen = () => sandbox.site.events.add([CHANGE]).first;
  const happens = (condition: () => boolean, what: string) =>
    until(condition, () => `not: ${what}\n${studio.words()}`, PATIENCE_MS);
  const delivered = (id: number, host?: string) =>
    studio.notes("one").some((note) => note.id === id && (host === undefined || note.host === host));
  const file = () => join(studio.folder, "plugins", "one.ts");
  /** Other content, as old or new as is said. */
  const change = (hours: number) => {
    appendFileSync(file(), "// changed\n");
    const at = new Date(Date.now() + hours * 3_600_000);
    utimesSync(file(), at, at);
  };
  const ranOn = async (host: string) => {
    const daemon = studio.start(host);
    const id = happen();
    await happens(() => delivered(id), `${host} delivers`);
    return daemon;
  };
  const callsheet = (host: string, ...args: string[]) => studio.callsheet(host, ...args);

  test("changed while it runs: it is loaded again, and a take-over goes on with them", async () => {
    const ada = await ranOn("ada");
    const bob = studio.start("bob");
    change(-1);
    await happens(() => ada.words.includes("reloaded one"), "ada loads it again");
    const id = happen();
    await happens(() => delivered(id), "it goes on");
    const owner = studio.notes("one").at(-1)!.host;
    await (owner === "ada" ? ada : bob).kill();
    const next = happen();
    await happens(() => delivered(next), "the other takes it over");
  });

  test("changed to newer ones while nobody ran it: it goes on with them", async () => {
    await (await ranOn("ada")).kill();
    change(1);
    const id = happen();
    studio.start("bob");
    await happens(() => delivered(id, "bob"), "bob delivers");
  });

  test.each(["one.ts", ...(python ? ["py.py"] : [])])(
    "that ask for a label themselves: %s gets no event on a host without it",
    async (name) => {
      const plugin = name.split(".")[0]!;
      if (plugin === "py") studio.add(plugin);
      const path = join(studio.folder, "plugins", name);
      const ask = {
        ts: 'reg.runsOn("render");\n  reg.registerCallback',
        py: 'reg.runsOn("render")\n    reg.registerCallback',
      };
      writeFileSync(
        path,
        readFileSync(path, "utf8").replace("reg.registerCallback", ask[name.endsWith("py") ? "py" : "ts"]),
      );
      const ada = studio.start("ada");
      await happens(
        () => ada.words.includes(`${plugin} asks for a host with the label render`),
        "ada has loaded it",
      );
      const id = happen();
      studio.start("bob");
      await happens(() => studio.notes(plugin).some((note) => note.id === id), "bob delivers");
      expect(studio.notes(plugin).map(({ host }) => host)).toEqual(["bob"]);
    },
  );

  test("older than those that ran: it waits, says so, and goes on when an operator adopts them", async () => {
    await (await ranOn("ada")).kill();
    change(-24);
    const id = happen();
    const bob = studio.start("bob");
    await happens(
      () => bob.words.includes("this machine has other files than ada ran it with"),
      "bob says so",
    );
    const status = JSON.parse(await callsheet("bob", "status", "--json"));
    expect(status.cluster.plugins).toMatchObject([
      { waitsFor: "files", host: null, files: { ran: { host: "ada" }, others: [{ host: "bob" }] } },
    ]);
    const { message, command } = status.attention.find(({ plugin }: { plugin: string }) => plugin === "one");
    expect(message).toContain("no host has the files that it ran with last (ada ran it with sha ");
    expect(command).toBe("callsheet adopt one");
    const shown = await callsheet("bob", "plugin", "one");
    expect(shown).toMatch(/why +one waits: no host has the files that it ran with last/);
    expect(shown).toContain("callsheet adopt one");
    const { plugins } = JSON.parse(await callsheet("bob", "events", "show", String(id), "--json"));
    expect(plugins).toMatchObject([{ why: "Waiting: no host of the cluster runs the plugin now." }]);
    expect(delivered(id)).toBe(false);
    expect(await callsheet("bob", "adopt", "one", "--reason", "rolled back")).toContain(
      "is run with the files",
    );
    await happens(() => delivered(id, "bob"), "bob delivers");
    await expect(callsheet("bob", "adopt", "one")).rejects.toThrow("does not wait for its files");
    await expect(callsheet("bob", "adopt", "nosuch")).rejects.toThrow('There is no plugin "nosuch".');
  });
});
