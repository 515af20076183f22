import type { Registrar } from "callsheet";
import { call } from "./_call.ts";

export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("script", "key", (_sg, _logger, event) => call("tasks", event), {
    Shotgun_Task_Change: ["sg_status_list"],
  });
}
