/** Many windows of the page in one browser, which keeps six connections to a server: they share one stream of live updates. */
import type { BrowserContext, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { until } from "../daemon/rig.ts";
import { CHANGE, recorder } from "../daemon/whole.ts";
import { type Asking, servedDaemon } from "../server/rig.ts";
import { browserPath, openPage, useBrowser } from "./browser.ts";

const SEVEN = 7;

async function streamsOf({ get }: Asking): Promise<number> {
  return Number(/^callsheet_live_clients (\d+)$/m.exec((await get("/metrics")).json)?.[1]);
}

async function windowAt(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

const shows = (page: Page, eventId: number) =>
  page.getByRole("link", { name: String(eventId), exact: true }).waitFor();

describe.skipIf(browserPath === null)("seven windows of the page", { timeout: 240_000 }, () => {
  useBrowser();

  it("are all live, over one stream, whichever of them is closed", async () => {
    const served = await servedDaemon({ "good.ts": recorder("good") });
    const { sandbox } = served;
    const url = `${served.daemon.url}/events`;
    const first = await openPage(url);
    const windows = [first];
    while (windows.length < SEVEN) windows.push(await windowAt(first.context(), url));
    for (const page of windows) {
      await page.getByText("Flowing", { exact: true }).waitFor();
      await page.getByText("No event matches yet").waitFor();
    }
    sandbox.site.events.add([CHANGE]);
    for (const page of windows) await shows(page, 1);
    expect(await streamsOf(served)).toBe(1);
    await first.close();
    await windows[3]!.close();
    const left = windows.filter((page) => !page.isClosed());
    sandbox.site.events.add([CHANGE]);
    for (const page of left) await shows(page, 2);
    expect(await streamsOf(served)).toBe(1);
    for (const page of left) await page.goto("about:blank");
    await until(async () => (await streamsOf(served)) === 0);
  });

  it("in a browser without shared workers each have a stream", async () => {
    const served = await servedDaemon({ "good.ts": recorder("good") });
    const script = "delete globalThis.SharedWorker";
    const page = await openPage(`${served.daemon.url}/events`, { script });
    await page.getByText("No event matches yet").waitFor();
    served.sandbox.site.events.add([CHANGE]);
    await shows(page, 1);
    expect(await page.evaluate("typeof SharedWorker")).toBe("undefined");
    expect(await streamsOf(served)).toBe(1);
  });
});
