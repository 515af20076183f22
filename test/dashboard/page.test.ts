/** The page as a person meets it: in Chromium, on a daemon at work. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Shotgun } from "../../src/client/shotgun.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE, notes, recorder, twoCallbacks } from "../daemon/whole.ts";
import { servedDaemon } from "../server/rig.ts";
import { browserPath, openPage, useBrowser, violationsOf } from "./browser.ts";

const PLUGINS = {
  "good.ts": recorder("good"),
  "bad.ts": twoCallbacks(true),
  "unloadable.ts": "export function registerCallbacks(reg {",
};

async function atWork() {
  const served = await servedDaemon(PLUGINS);
  const { first } = served.sandbox.site.events.add([CHANGE, CHANGE, CHANGE]);
  return { ...served, url: served.daemon.url!, first };
}

describe.skipIf(browserPath === null)("the page", { timeout: 240_000 }, () => {
  useBrowser();

  it("says what needs attention first, and leads there", async () => {
    const { url, first } = await atWork();
    const page = await openPage(url);
    await page.getByRole("status").getByText("Flowing").waitFor();
    await page.getByText(`stopped at event ${first}`).waitFor();
    await page.getByRole("link", { name: "bad" }).first().click();
    await page.getByRole("heading", { name: /^bad/ }).waitFor();
    await page.getByText("b is broken").first().waitFor();
    expect(new URL(page.url()).pathname).toBe("/plugins/bad");
    expect(await page.title()).toBe("(2) bad · Callsheet");
  });

  it("shows plugins in a table that sorts and filters, in an address that can be shared", async () => {
    const { url } = await atWork();
    const page = await openPage(`${url}/plugins`);
    const names = page.getByRole("rowheader").getByRole("link");
    await page.getByText("failed").first().waitFor();
    await page.getByRole("button", { name: "Plugin" }).click();
    expect(await names.allTextContents()).toEqual(["bad", "good", "unloadable"]);
    await page.getByRole("button", { name: "Plugin" }).click();
    expect(await names.allTextContents()).toEqual(["unloadable", "good", "bad"]);
    await page.getByLabel("Filter").fill("GOO");
    expect(await names.allTextContents()).toEqual(["good"]);
    const shared = await openPage(page.url());
    await shared.getByRole("rowheader").getByRole("link", { name: "good" }).waitFor();
    expect(await shared.getByRole("rowheader").count()).toBe(1);
  });

  it("shows events as they come, and what became of each for every plugin", async () => {
    const { url, sandbox } = await atWork();
    const page = await openPage(`${url}/events`);
    const { last } = sandbox.site.events.add([{ ...CHANGE, attribute_name: "due_date" }]);
    await page.getByRole("link", { name: String(last) }).click();
    await page.getByRole("row", { name: /good delivered/ }).waitFor();
    await page.getByRole("row", { name: /bad waiting/ }).waitFor();
  });

  it("filters events by their type", async () => {
    const { url, sandbox } = await atWork();
    const { last } = sandbox.site.events.add([{ ...CHANGE, event_type: "Shotgun_Note_New" }]);
    const page = await openPage(`${url}/events?type=Shotgun_Note_*`);
    await page.getByRole("link", { name: String(last) }).waitFor();
    expect(await page.locator("tbody tr").count()).toBe(1);
  });

  it("asks before it skips an event, wants a reason, and does it", async () => {
    const { url, first, daemon } = await atWork();
    const page = await openPage(`${url}/failures`);
    await page.getByRole("button", { name: "Skip the event" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(`Event ${first} is never given to bad`).waitFor();
    await dialog.getByRole("button", { name: "Skip the event" }).click();
    expect(await dialog.isVisible()).toBe(true);
    await dialog.getByLabel("Why").fill("made by a test");
    await dialog.getByRole("button", { name: "Skip the event" }).click();
    await dialog.waitFor({ state: "hidden" });
    await expect
      .poll(
        async () =>
          (await daemon.answers.event(first)).plugins.find(({ plugin }) => plugin === "bad")?.outcome,
      )
      .toBe("skipped");
  });

  it("pauses and resumes a plugin", async () => {
    const { url } = await atWork();
    const page = await openPage(`${url}/plugins/good`);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("dialog").getByLabel("Why").fill("a look inside");
    await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
    await page.getByText("a look inside").waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
    await page.getByRole("button", { name: "Pause" }).waitFor();
  });

  it("gives past events again: a dry run first, whose differences it shows, then in earnest", async () => {
    const { url, sandbox, daemon, folder } = await atWork();
    const { scriptName, scriptKey } = sandbox;
    await using site = new Shotgun(sandbox.url, { scriptName, scriptKey });
    const project = await site.create("Project", { name: "Night Bus" });
    const shot = await site.create("Shot", { project, code: "sh010", sg_status_list: "wtg" });
    const source = `export function registerCallbacks(reg) {
      reg.registerCallback("${scriptName}", "${scriptKey}", async function onTask(sg, logger, event) {
        if (event.replay) await sg.update("Shot", ${shot.id}, { sg_status_list: "fin", code: "sh010" });
      }, { Shotgun_Task_Change: null });
    }`;
    writeFileSync(join(folder, "plugins", "final.ts"), source);
    await until(() =>
      daemon.status().plugins.some(({ name, activity }) => name === "final" && activity === "running"),
    );
    const { last } = sandbox.site.events.add([CHANGE]);
    await until(() => daemon.status().reader.position === last);
    const page = await openPage(`${url}/plugins/final`);
    await page.getByRole("button", { name: "Replay" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("From").fill("tomorrow");
    await dialog.getByRole("button", { name: "Dry run" }).click();
    await dialog.getByText("is no event id").waitFor();
    await dialog.getByLabel("From").fill(String(last));
    await dialog.getByText("reads the site and does not change it").waitFor();
    await dialog.getByRole("button", { name: "Dry run" }).click();
    await page.getByRole("heading", { name: /Dry run 1 of final/ }).waitFor();
    await page.getByText("finished").waitFor();
    await page.getByText("“wtg”").waitFor();
    await page.getByText("“fin”").waitFor();
    await page.getByText("As on the site: code").waitFor();
    expect((await site.findOne("Shot", [["id", "is", shot.id]], ["sg_status_list"]))?.sg_status_list).toBe(
      "wtg",
    );
    await page.getByRole("link", { name: "final" }).click();
    await page.getByRole("link", { name: "1, dry run" }).waitFor();
    await page.getByRole("button", { name: "Replay" }).click();
    await dialog.getByLabel("From").fill(String(last));
    await dialog.getByLabel("Let it through").check();
    await dialog.getByText("it does twice").waitFor();
    await dialog.getByLabel("Why").fill("the tracker lost it");
    await dialog.getByRole("button", { name: "Replay" }).click();
    await page.getByRole("heading", { name: /Replay 2 of final/ }).waitFor();
    await page.getByText("finished").waitFor();
    expect((await site.findOne("Shot", [["id", "is", shot.id]], ["sg_status_list"]))?.sg_status_list).toBe(
      "fin",
    );
    await page.goto(`${url}/events/${last}`);
    await page.getByText("the tracker lost it").waitFor();
  });

  it("shows a replay as it goes on, stops it, and shows where one failed", async () => {
    const slow = recorder(
      "slow",
      "null",
      "if (event.replay) await new Promise((done) => setTimeout(done, 200));",
    );
    const fails = recorder("fails", "null", "if (event.replay) throw new Error('too old');");
    const { daemon, sandbox, folder } = await servedDaemon({ "slow.ts": slow, "fails.ts": fails });
    const { first } = sandbox.site.events.add(Array.from({ length: 100 }, () => CHANGE));
    await until(() => notes(folder, "slow").length === 100);
    const asked = { from: { eventId: first }, dryRun: false, keepGoing: false };
    await daemon.replays.start("slow", asked, { by: "test", why: "x" });
    const page = await openPage(`${daemon.url}/replays/1`);
    const done = () =>
      page.getByRole("progressbar").evaluate((bar) => (bar as unknown as { value: number }).value);
    const before = await done();
    await expect.poll(done, { timeout: 20_000 }).toBeGreaterThan(before);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    expect((await daemon.replays.get(1)).state).toBe("stopped");
    await daemon.replays.start("fails", asked, { by: "test", why: "x" });
    await page.goto(`${daemon.url}/replays/2`);
    await page.getByText("too old").first().waitFor();
    await page.getByText("fails.ts").first().waitFor();
  });

  it("says that the daemon is away, keeps the last figures, and goes on by itself", async () => {
    const { url, daemon } = await atWork();
    const page = await openPage(`${url}/plugins`);
    await page.getByRole("status").getByText("Flowing").waitFor();
    await daemon.stop();
    await page.getByRole("status").getByText("Daemon does not answer").waitFor();
    expect(await page.getByRole("link", { name: "good" }).count()).toBe(1);
  });

  it("has a sentence for an address that is not there", async () => {
    const { url } = await atWork();
    const page = await openPage(`${url}/plugins/nobody`);
    await page.getByText('There is no plugin "nobody".').waitFor();
    for (const path of ["/nothing", "/plugins/a/b", "/plugins/%E0%A4%A"]) {
      const answer = await page.goto(`${url}${path}`);
      expect([path, answer!.status()]).toEqual([path, 404]);
      await page.getByRole("heading", { name: "Nothing is here" }).waitFor();
    }
    await page.getByRole("link", { name: "Go to the overview" }).click();
    await page.getByRole("heading", { name: "Events are flowing" }).waitFor();
  });

  it.each(["light", "dark"] as const)(
    "passes axe on every page, %s, the dark one on a phone",
    async (colorScheme) => {
      const { url, first, daemon } = await atWork();
      const who = { by: "test", why: "x" };
      await until(() => daemon.status().reader.position >= first);
      await daemon.replays.start("bad", { from: { eventId: first }, dryRun: true, keepGoing: true }, who);
      const page = await openPage(url, { colorScheme, width: colorScheme === "dark" ? 390 : 1200 });
      for (const path of [
        "/",
        "/plugins",
        "/plugins/bad",
        "/events",
        `/events/${first}`,
        "/failures",
        "/gaps",
        "/replays/1",
      ]) {
        await page.goto(`${url}${path}`);
        await page.getByRole("heading", { level: 1 }).waitFor();
        expect(await violationsOf(page)).toEqual([]);
        const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        expect(overflow, `${path} is wider than the screen`).toBeLessThanOrEqual(0);
      }
    },
  );
});
