/** The cluster's page, of real daemons over a real PostgreSQL: hosts, who runs what, files that differ, a database that is away. */
import { appendFileSync, utimesSync } from "node:fs";
import { join, parse } from "node:path";
import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { readAddress } from "../../src/server/address-file.ts";
import type { StatusView } from "../../src/server/views.ts";
import { ClusterStudio } from "../cluster/studio.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE } from "../daemon/whole.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { servedDaemon } from "../server/rig.ts";
import { browserPath, openPage, useBrowser, violationsOf } from "./browser.ts";

const PATIENCE_MS = 120_000;
/** Where to keep pictures of it, for a person to look at. */
const PICTURES = process.env.CALLSHEET_TEST_PICTURES;

describe.skipIf(browserPath === null || withoutPostgres)(
  "the page of a cluster",
  { timeout: 400_000 },
  () => {
    useBrowser();
    const server = useServer();
    let sandbox!: Sandbox;
    let studio: ClusterStudio;

    beforeEach(async () => {
      sandbox = await openSandbox();
      const hosts = { bob: { weight: 2, labels: ["render"] } };
      const cluster = {
        url: server.url,
        schema: server.freshSchema(),
        lease: "3s",
        hosts,
        runsOn: { heavy: "gpu" },
      };
      studio = new ClusterStudio(sandbox, cluster, {
        start: sandbox.site.events.newestId + 1,
        reloadInterval: "100ms",
      });
    });
    afterEach(async () => {
      await studio.end();
      await sandbox.close();
    });

    const urlOf = (host: string) => readAddress(join(studio.folder, "state", host))!.url;
    const happens = (condition: () => boolean, what: string) =>
      until(condition, () => `not: ${what}\n${studio.words()}`, PATIENCE_MS);
    const delivers = async (name: string) => {
      const { first } = sandbox.site.events.add([CHANGE]);
      await happens(() => studio.notes(name).some(({ id }) => id === first), `${name} delivers`);
    };
    const picture = async (page: Page, name: string) => {
      if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
    };
    const row = (page: Page, name: string) =>
      page.getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: false }) });

    /** With the files of bob, which has those only that nobody ran it with. */
    const adopts = async (page: Page, name: string) => {
      expect(await page.getByRole("button", { name: "Adopt" }).count()).toBe(1);
      await row(page, name).getByRole("button", { name: "Adopt" }).click();
      const dialog = page.getByRole("dialog");
      await dialog
        .getByText(/^bob runs notify with the files that are on bob \(sha \w{6}, changed 13/)
        .waitFor();
      expect(await violationsOf(page)).toEqual([]);
      await picture(page, "cluster-adopt");
      await dialog.getByLabel("Why").fill("rolled back on purpose");
      await dialog.getByRole("button", { name: "Adopt" }).click();
      await dialog.waitFor({ state: "hidden" });
      await row(page, name).getByText("bob", { exact: true }).waitFor();
      expect(await page.getByRole("button", { name: "Adopt" }).count()).toBe(0);
      await delivers(name);
      const reply = await fetch(`${urlOf("bob")}/api/v1/actions?limit=1`);
      const { actions } = (await reply.json()) as { actions: object[] };
      expect(actions).toMatchObject([{ action: "adopt", plugin: name, why: "rolled back on purpose" }]);
    };

    it("shows hosts and who runs what, the same from each of them, in every look", async () => {
      for (const name of ["notify", "publish"]) studio.add(name);
      for (const host of ["ada", "bob"]) studio.start(host);
      for (const name of studio.plugins) await delivers(name);
      for (const [host, colorScheme, width] of [
        ["ada", "light", 1200],
        ["bob", "dark", 1200],
        ["ada", "light", 360],
      ] as const) {
        const page = await openPage(urlOf(host), { colorScheme, width });
        await page.getByRole("navigation").getByRole("link", { name: "Cluster" }).click();
        await page.getByRole("heading", { name: "2 hosts" }).waitFor();
        await row(page, host).getByText("this one").waitFor();
        await row(page, "bob").getByText("render").first().waitFor();
        // a plugin may be handed over meanwhile
        const placed = async () => {
          const status = await fetch(`${urlOf(host)}/api/v1/status`);
          const { plugins: lanes } = ((await status.json()) as Pick<StatusView, "cluster">).cluster!;
          const shown = lanes.map(({ path, host: owner }) =>
            row(page, parse(path).name)
              .getByText(owner ?? "", { exact: true })
              .count(),
          );
          return lanes.length === 2 && (await Promise.all(shown)).every((number) => number > 0);
        };
        await until(placed, () => "not: each plugin with its host", PATIENCE_MS);
        await row(page, "notify").getByText("the same everywhere").waitFor();
        expect(await violationsOf(page)).toEqual([]);
        const overflows = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
        expect(overflows).toBe(false);
        await picture(page, `cluster-${colorScheme}-${width}`);
      }
    });

    it("says which plugins no host can run, and why; and that the database is away", async () => {
      for (const name of ["notify", "heavy"]) studio.add(name);
      const ada = studio.start("ada");
      await delivers("notify");
      await ada.kill();
      const file = join(studio.folder, "plugins", "notify.ts");
      appendFileSync(file, "// older\n");
      utimesSync(file, new Date(1_600_000_000_000), new Date(1_600_000_000_000));
      const bob = studio.start("bob");
      await happens(() => bob.words.includes("PLUGIN_COPY"), "bob has other files");
      const page = await openPage(`${urlOf("bob")}/cluster`);
      await row(page, "notify").getByText("It waits: nobody has those that it ran with last.").waitFor();
      await row(page, "notify").getByText("none can").waitFor();
      await row(page, "notify")
        .getByText(/^bob has sha \w{6}, changed 13 Sept? 2020/)
        .waitFor();
      await row(page, "heavy").getByText("no host has the label gpu").waitFor();
      await page.getByRole("navigation").getByRole("link", { name: "Cluster 2" }).waitFor();
      expect(await violationsOf(page)).toEqual([]);
      await picture(page, "cluster-waits");
      await page.getByRole("link", { name: "Overview" }).click();
      await page.getByText("2 of 2 stopped").waitFor();
      await page.goBack();
      await adopts(page, "notify");
      await page.getByRole("navigation").getByRole("link", { name: "Cluster 1" }).waitFor();
      const crash = server.crash(20_000);
      await page.getByRole("heading", { name: "The database does not answer" }).waitFor();
      await page.getByText(/^The database has not answered since \d\d:\d\d:\d\d\./).waitFor();
      expect(await violationsOf(page)).toEqual([]);
      await picture(page, "cluster-away");
      await crash;
      await page.getByRole("heading", { name: "1 host" }).waitFor();
    });
  },
);

describe.skipIf(browserPath === null)("a daemon that is alone", { timeout: 240_000 }, () => {
  useBrowser();

  it("has no link to a cluster, and says so at its address", async () => {
    const { daemon } = await servedDaemon({});
    const page = await openPage(`${daemon.url}/cluster`);
    await page.getByRole("heading", { name: "This daemon is alone" }).waitFor();
    expect(await page.getByRole("navigation").getByRole("link", { name: "Cluster" }).count()).toBe(0);
    expect(await violationsOf(page)).toEqual([]);
  });
});
