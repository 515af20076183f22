import type { Registrar } from "callsheet";
import { note } from "./_note.ts";

/** The first callback finishes without a trace, so that kills often fall between the two. */
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("script", "key", async function first() {
    await null;
  });
  reg.registerCallback("script", "key", (_sg, _logger, event) => note("two-callbacks", event));
}
