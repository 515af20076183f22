/** The page as a person meets it: in Chromium, on a daemon at work. */
import { AxeBuilder } from "@axe-core/playwright";
import { describe, expect, it } from "vitest";
import { CHANGE, recorder, twoCallbacks } from "../daemon/whole.ts";
import { servedDaemon } from "../server/rig.ts";
import { browserPath, openPage, useBrowser } from "./browser.ts";

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
    expect(await page.title()).toBe("bad · Callsheet");
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
  });

  it.each(["light", "dark"] as const)(
    "passes axe on every page, %s, the dark one on a phone",
    async (colorScheme) => {
      const { url, first } = await atWork();
      const page = await openPage(url, { colorScheme, width: colorScheme === "dark" ? 390 : 1200 });
      for (const path of [
        "/",
        "/plugins",
        "/plugins/bad",
        "/events",
        `/events/${first}`,
        "/failures",
        "/gaps",
      ]) {
        await page.goto(`${url}${path}`);
        await page.getByRole("heading", { level: 1 }).waitFor();
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${path}: ${id} ${nodes[0]?.html}`)).toEqual([]);
        const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        expect(overflow, `${path} is wider than the screen`).toBeLessThanOrEqual(0);
      }
    },
  );
});
