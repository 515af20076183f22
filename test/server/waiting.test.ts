import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../daemon/rig.ts";
import { CHANGE, notes, recorder } from "../daemon/whole.ts";
import { servedDaemon } from "./rig.ts";

/** Notes that it has begun, and ends when the file `go` is there. */
const SLOW = recorder(
  "slow",
  "null",
  `const { existsSync, writeFileSync } = await import("node:fs");
    writeFileSync(new URL("../begun", import.meta.url), "");
    while (!existsSync(new URL("../go", import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 20));`,
);

test("an event that waits says how many are before it, and the first that it is with the plugin", async () => {
  const { sandbox, folder, get } = await servedDaemon({ "slow.ts": SLOW });
  const { first, last } = sandbox.site.events.add([CHANGE, CHANGE, CHANGE]);
  const why = async (id: number) => (await get(`/api/v1/events/${id}`)).json.plugins[0]?.why;
  await until(() => existsSync(join(folder, "begun")));
  await until(async () => (await why(last)) !== undefined);
  expect(await why(first)).toBe("It is with the plugin now.");
  expect(await why(first + 1)).toBe("Waiting: 1 event is before it.");
  expect(await why(last)).toBe("Waiting: 2 events are before it.");
  writeFileSync(join(folder, "go"), "");
  await until(() => notes(folder, "slow").length === 3);
});
