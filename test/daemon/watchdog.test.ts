import { expect, it } from "vitest";
import type { CallbackInfo, Host, InHand } from "../../src/daemon/host.ts";
import { watchCalls } from "../../src/daemon/watchdog.ts";
import { until } from "./rig.ts";

it("tells once of a call that takes long, and once of one that outlives its timeout", async () => {
  const callback = {
    index: 0,
    name: "slow",
    key: "slow",
    scriptName: "s",
    matchEvents: null,
    stopOnError: true,
  } as const;
  const callbacks: CallbackInfo[] = [{ ...callback, retry: { attempts: 0, backoffMs: 0 }, timeoutMs: 200 }];
  const began = performance.now();
  const host: Pick<Host, "callbacks" | "inHand"> = {
    callbacks,
    inHand: (): InHand => ({ seq: 7, callback: 0, forMs: performance.now() - began }),
  };
  const told: string[] = [];
  const watch = watchCalls(
    host as Host,
    { long: () => told.push("long"), late: () => told.push("late") },
    50,
  );
  await until(() => told.includes("late"));
  watch.close();
  expect(told).toEqual(["long", "late"]);
});
