import { setTimeout as wait } from "node:timers/promises";
import type { Registrar } from "callsheet";
import { note } from "./_note.ts";

/** Still at work when it has noted an event, so that kills often fall between that and the end of the call. */
const WORK_MS = 3;

/** The first callback finishes without a trace, so that kills often fall between the two. */
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("script", "key", async function first() {
    await null;
  });
  reg.registerCallback("script", "key", async (_sg, _logger, event) => {
    note("two-callbacks", event);
    await wait(WORK_MS);
  });
}
