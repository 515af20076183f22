/** The page without a mouse: everything that can be done is reached with Tab, in the order of the page, and done with Enter or Space. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { until } from "../daemon/rig.ts";
import { CHANGE, ids, lane, recorder, twoCallbacks } from "../daemon/whole.ts";
import { servedDaemon } from "../server/rig.ts";
import { browserPath, openPage, useBrowser } from "./browser.ts";

const CONTROLS = "a[href], button, input, summary, pre[tabindex]";

/** What can be seen and used, in the order of the document; radio buttons of one name are one stop. */
async function controlsOf(page: Page): Promise<string[]> {
  return page.evaluate(`Array.from(document.querySelectorAll(${JSON.stringify(CONTROLS)}))
    .filter((each) => each.checkVisibility() && !each.closest("dialog"))
    .map((each, index) => (each.dataset.stop = String(index)))`);
}

async function stopsOf(page: Page, most: number): Promise<string[]> {
  const stops: string[] = [];
  for (let press = 0; press < most; press += 1) {
    await page.keyboard.press("Tab");
    stops.push(await page.evaluate("document.activeElement.dataset.stop ?? document.activeElement.tagName"));
  }
  return stops;
}

async function pressAt(page: Page, name: string, key: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).focus();
  await page.keyboard.press(key);
}

describe.skipIf(browserPath === null)("the page by keyboard", { timeout: 240_000 }, () => {
  useBrowser();

  it("reaches every control of every page, in order", async () => {
    const { daemon, sandbox } = await servedDaemon({
      "good.ts": recorder("good"),
      "bad.ts": twoCallbacks(true),
    });
    sandbox.site.events.add([CHANGE]);
    await until(() => lane(daemon, "bad").activity === "failed");
    const page = await openPage(daemon.url!);
    for (const path of ["/", "/plugins", "/plugins/bad", "/events", "/events/1", "/failures", "/gaps"]) {
      await page.goto(`${daemon.url}${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.getByText("Flowing", { exact: true }).waitFor();
      const controls = await controlsOf(page);
      const stops = await stopsOf(page, controls.length);
      expect([path, stops]).toEqual([path, controls]);
    }
  });

  it("pauses, rewinds and resumes a plugin", async () => {
    const { daemon, sandbox, folder } = await servedDaemon({ "good.ts": recorder("good") });
    sandbox.site.events.add([CHANGE, CHANGE]);
    await until(() => lane(daemon, "good").calls === 2);
    const page = await openPage(`${daemon.url}/plugins/good`);
    await pressAt(page, "Pause", "Enter");
    // the question has the focus: its reason first
    await page.keyboard.type("by keyboard");
    await page.keyboard.press("Enter");
    await page.getByText("Paused by").waitFor();
    await pressAt(page, "Rewind or forward", "Space");
    await page.keyboard.press("ArrowDown");
    expect(await page.getByRole("radio", { name: "Forward" }).isChecked()).toBe(true);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Tab");
    await page.keyboard.type("2");
    await page.keyboard.press("Enter");
    await page.getByText("1 event comes again to good").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.type("again, please");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await pressAt(page, "Resume", "Enter");
    await page.keyboard.press("Enter");
    await until(() => ids(folder, "good").join() === "1,2,2");
  });
});
