import type { Registrar } from "callsheet";
import { call } from "./_call.ts";

export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("script", "key", (_sg, _logger, event) => call("plain", event));
}
