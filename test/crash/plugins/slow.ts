import { appendFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Registrar } from "callsheet";

export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("script", "key", async (_sg, _logger, event) => {
    if (event.id % 4 === 0) await wait(1);
    appendFileSync(`${process.env.NOTES}/slow`, `${event.id}${event.redelivered ? " redelivered" : ""}\n`);
  });
}
