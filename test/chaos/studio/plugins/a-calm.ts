import type { Registrar } from "callsheet";
import { note } from "./_note.ts";

export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("script", "key", (_sg, _logger, event) => note("a-calm", event));
}
