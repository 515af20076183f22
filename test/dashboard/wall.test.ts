/** The page left open for days: what hangs, comes back, comes in floods, or has a name that nobody thought of. */
import type { Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { callsheet, folderWith } from "../cli/process.ts";
import { openTestSandbox, until } from "../daemon/rig.ts";
import { CHANGE, lane, recorder, twoCallbacks } from "../daemon/whole.ts";
import { servedDaemon } from "../server/rig.ts";
import { browserPath, openPage, useBrowser } from "./browser.ts";

const ODD = "ödd & <b>x 100%25 #1?";

async function listed(page: Page): Promise<number[]> {
  return (await page.locator("tbody tr th").allInnerTexts()).map(Number);
}

/** Ids without a hole, newest first, down to the last one shown. */
const unbroken = (ids: readonly number[]) => ids.map((_, index) => ids[0]! - index);

describe.skipIf(browserPath === null)("the page on a wall", { timeout: 240_000 }, () => {
  useBrowser();

  it("says that a daemon hangs, and that it goes on", async () => {
    const { url, scriptName, scriptKey } = await openTestSandbox();
    const site = { url, scriptName, scriptKey };
    const config = JSON.stringify({ site, plugins: ["."], server: { port: 0 } });
    const daemon = callsheet(["run"], { cwd: folderWith({ "callsheet.config.json": config }) });
    const [, address] = await daemon.says(/page and control API at (http:[^"\s]+)/);
    const page = await openPage(address!);
    await page.getByText("Flowing", { exact: true }).waitFor();
    onTestFinished(() => void daemon.kill("SIGCONT"));
    daemon.kill("SIGSTOP");
    await page.getByText("Daemon does not answer", { exact: true }).waitFor({ timeout: 60_000 });
    daemon.kill("SIGCONT");
    await page.getByText("Flowing", { exact: true }).waitFor({ timeout: 60_000 });
  });

  it("lets go of its connection while nobody sees it: a browser has six", async () => {
    const { daemon, get } = await servedDaemon({});
    const page = await openPage(daemon.url!);
    const listeners = async () => /^callsheet_live_clients (\d+)$/m.exec((await get("/metrics")).json)?.[1];
    await until(async () => (await listeners()) === "1");
    const turn = (state: string) =>
      page.evaluate(
        `Object.defineProperty(document, "visibilityState", { value: "${state}", configurable: true }); document.dispatchEvent(new Event("visibilitychange"))`,
      );
    await turn("hidden");
    await until(async () => (await listeners()) === "0");
    await turn("visible");
    await until(async () => (await listeners()) === "1");
  });

  it("lists events without a hole: after a flood, and after it was held", async () => {
    const { daemon, sandbox } = await servedDaemon({ "good.ts": recorder("good") });
    sandbox.site.events.add([CHANGE, CHANGE]);
    await until(() => lane(daemon, "good").calls === 2);
    const page = await openPage(`${daemon.url}/events`);
    const shows = (id: number) =>
      until(async () => {
        const ids = await listed(page);
        return ids[0] === id && ids.join() === unbroken(ids).join();
      });
    await shows(2);
    // more than a live update carries
    sandbox.site.events.add(Array.from({ length: 400 }, () => CHANGE));
    await shows(402);
    await page.getByRole("button", { name: "Older events" }).click();
    await until(async () => (await listed(page)).length > 100);
    await shows(402);
    await page.getByRole("button", { name: "Hold" }).click();
    sandbox.site.events.add(Array.from({ length: 20 }, () => CHANGE));
    await until(() => lane(daemon, "good").calls === 422);
    expect((await listed(page))[0]).toBe(402);
    await page.getByRole("button", { name: "Follow again" }).click();
    await shows(422);
    expect((await listed(page)).length).toBeGreaterThan(100);
  });

  it("shows what came while the daemon was away", async () => {
    const { daemon, sandbox } = await servedDaemon({ "good.ts": recorder("good") });
    sandbox.site.events.add([CHANGE, CHANGE]);
    await until(() => lane(daemon, "good").calls === 2);
    const page = await openPage(`${daemon.url}/events`);
    await until(async () => (await listed(page))[0] === 2);
    await page.context().setOffline(true);
    await page.getByText("Daemon does not answer", { exact: true }).waitFor({ timeout: 60_000 });
    sandbox.site.events.add([CHANGE, CHANGE, CHANGE]);
    await until(() => lane(daemon, "good").calls === 5);
    await page.context().setOffline(false);
    await until(async () => (await listed(page)).join() === "5,4,3,2,1");
  });

  it("keeps odd names and endless words within its width, and quotes the command that helps", async () => {
    const endless = `throw new Error("<img src=x onerror=alert(1)>" + "verylongword".repeat(60)); //`;
    const { daemon, sandbox } = await servedDaemon({
      [`${ODD}.ts`]: twoCallbacks(true).replaceAll(`throw new Error("b is broken")`, endless),
    });
    sandbox.site.events.add([CHANGE]);
    await until(() => lane(daemon, ODD).activity === "failed");
    for (const width of [1300, 390]) {
      const page = await openPage(daemon.url!, { width });
      await page.getByText(`callsheet retry '${ODD}'`, { exact: true }).waitFor();
      for (const path of ["/", "/plugins", `/plugins/${encodeURIComponent(ODD)}`, "/failures"]) {
        await page.goto(`${daemon.url}${path}`);
        await page.getByText("verylongword").first().waitFor();
        expect([path, await page.evaluate("document.documentElement.scrollWidth")]).toEqual([path, width]);
      }
    }
  });

  it("says of an event when it was delivered, when a call failed, and once who skipped it", async () => {
    const { daemon, sandbox } = await servedDaemon({
      "one.ts": twoCallbacks(true),
      "good.ts": recorder("good"),
    });
    sandbox.site.events.add([CHANGE]);
    await until(() => lane(daemon, "one").activity === "failed" && lane(daemon, "good").calls === 1);
    const page = await openPage(`${daemon.url}/events/1`);
    await page.getByRole("columnheader", { name: "When" }).waitFor();
    const shown = (at: string) =>
      page.evaluate<string>(
        `new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).format(new Date("${at}"))`,
      );
    const row = page.getByRole("row", { name: /^one/ });
    await row.getByText(await shown(lane(daemon, "one").failure!.at)).waitFor();
    const { plugins } = await daemon.answers.event(1);
    const { before } = plugins.find(({ plugin }) => plugin === "good")!.delivered!;
    await page
      .getByRole("row", { name: /^good/ })
      .getByText(await shown(before!))
      .waitFor();
    await daemon.operations.skip("one", 1, { by: "zoe", why: "broken" });
    await row.getByText("Skipped by zoe: broken.", { exact: true }).waitFor();
  });

  it("that wants a token does not say that the daemon is away", async () => {
    const { daemon } = await servedDaemon({}, { server: { port: 0, token: "a-long-token-of-the-studio" } });
    const page = await openPage(daemon.url!);
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    await until(async () => (await page.getByText("Daemon does not answer").count()) === 0);
  });
});
