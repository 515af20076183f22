import { appendFileSync } from "node:fs";
import type { Callback, Registrar } from "callsheet";

const { point } = globalThis as unknown as { point(name: string): void };
point("reload.loading");

/** The second one takes a turn of the event loop, so that both ways of calling are met. */
export function registerCallbacks(reg: Registrar) {
  const note =
    (name: string): Callback =>
    (_sg, _logger, event) => {
      appendFileSync(
        `${process.env.NOTES}/${name}`,
        `${event.id}${event.redelivered ? " redelivered" : ""}\n`,
      );
      point("callback.noted");
    };
  reg.registerCallback("script", "key", note("first"));
  const second = note("second");
  reg.registerCallback("script", "key", async (...call) => {
    await null;
    second(...call);
  });
}
