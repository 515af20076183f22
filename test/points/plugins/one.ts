import { appendFileSync } from "node:fs";
import type { Registrar } from "callsheet";

const { point } = globalThis as unknown as { point(name: string): void };
point("reload.loading");

export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("script", "key", (_sg, _logger, event) => {
    appendFileSync(`${process.env.NOTES}/one`, `${event.id}${event.redelivered ? " redelivered" : ""}\n`);
    point("callback.noted");
  });
}
