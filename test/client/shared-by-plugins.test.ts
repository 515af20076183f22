/** One way to the site for everybody: plugin threads and python processes go through the pool and the cap of the main thread. */
import { openHttpTransport } from "callsheet/client";
import { expect, onTestFinished, test } from "vitest";
import { Room, run } from "../plugins/room.ts";
import { withoutPython } from "../plugins-python/python.ts";
import { PythonRoom } from "../plugins-python/room.ts";
import { page, Recorder, type Scripted } from "./recorder.ts";

const CAP = 3;
const FINDS = 12;

const typescript = `
export function registerCallbacks(reg) { reg.registerCallback("s", "k", on); }
async function on(sg, logger, event) {
  await Promise.all(Array.from({ length: ${FINDS} }, () => sg.find("Shot", [])));
  logger.info("done");
}`;

/** Without what may be installed, so that the stand-in is found. Like the official client it raises at a 503. */
const python = `import sys
sys.path[:] = [each for each in sys.path if "site-packages" not in each and "dist-packages" not in each]
import shotgun_api3
from concurrent.futures import ThreadPoolExecutor
def find(sg):
    try:
        return sg.find("Shot", [])
    except shotgun_api3.ProtocolError:
        return find(sg)
def on(sg, logger, event, args):
    with ThreadPoolExecutor(${FINDS}) as pool:
        list(pool.map(lambda n: find(sg), range(${FINDS})))
    logger.info("done")
def registerCallbacks(reg):
    reg.registerCallback("s", "k", on)
`;

/** A site that answers when as many requests are there as may be at a time; the first ones it turns away. */
function crowded() {
  const waiting: (() => void)[] = [];
  const most = { underWay: 0 };
  let turnedAway = 0;
  const script = async (): Promise<Scripted> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push(resolve);
    most.underWay = Math.max(most.underWay, waiting.length);
    if (turnedAway === CAP || waiting.length === CAP) for (const go of waiting.splice(0)) go();
    await promise;
    return turnedAway < CAP && ++turnedAway ? { status: 503, body: "busy" } : page([]);
  };
  return { script, most };
}

test.skipIf(withoutPython)(
  "two threads and a python process share one pool, one cap and one back-off",
  { timeout: 60_000 },
  async () => {
    const { script, most } = crowded();
    await using site = await Recorder.open(script);
    const transport = openHttpTransport({ connections: CAP, busyHoldMs: 20 });
    onTestFinished(() => transport.close());
    const threads = await Room.open({ siteUrl: site.url, transport, siteTimeoutMs: 20_000 });
    onTestFinished(() => threads.close());
    const here = { url: site.url, timeoutMs: 20_000, httpProxy: null, caCerts: null };
    const processes = await PythonRoom.open({ site: here, transport });
    onTestFinished(() => processes.close());

    const loaded = await Promise.all([
      threads.load("a.ts", typescript),
      threads.load("b.ts", typescript),
      processes.load("c.py", python),
    ]);
    for (const { host } of loaded) host.hand(run(1, 1));
    for (const { heard } of loaded) {
      await heard.untilDone(1);
      expect(heard.messages).toEqual(["done"]);
    }
    expect(site.requests).toHaveLength(3 * FINDS + CAP);
    expect(most.underWay).toBe(CAP);
    expect(site.connections).toBeLessThanOrEqual(CAP);
  },
);
