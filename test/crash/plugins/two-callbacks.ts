import { appendFileSync } from "node:fs";
import type { Registrar } from "callsheet";

/** The first callback finishes without a trace, so that kills often fall between the two. */
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("script", "key", async function first() {
    await null;
  });
  reg.registerCallback("script", "key", (_sg, _logger, event) => {
    appendFileSync(
      `${process.env.NOTES}/two-callbacks`,
      `${event.id}${event.redelivered ? " redelivered" : ""}\n`,
    );
  });
}
