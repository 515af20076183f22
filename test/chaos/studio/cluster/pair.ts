import type { Registrar } from "callsheet";
import { call } from "./_call.ts";

/** What one of them has finished is not called again, whatever becomes of the other. */
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("script", "key", async function first(_sg, _logger, event) {
    await call("pair-first", event, 0.5);
  });
  reg.registerCallback("script", "key", async function second(_sg, _logger, event) {
    await call("pair-second", event, 0.5);
  });
}
