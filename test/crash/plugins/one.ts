import { appendFileSync } from "node:fs";
import type { Registrar } from "callsheet";

export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("script", "key", (_sg, _logger, event) => {
    appendFileSync(`${process.env.NOTES}/one`, `${event.id}${event.redelivered ? " redelivered" : ""}\n`);
  });
}
