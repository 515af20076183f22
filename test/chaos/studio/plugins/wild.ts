import type { Registrar } from "callsheet";
import { meetMischief, note } from "./_note.ts";

export function registerCallbacks(reg: Registrar) {
  reg.registerCallback({
    scriptName: "script",
    scriptKey: "key",
    timeout: "2s",
    callback: async (_sg, _logger, event) => {
      await meetMischief("wild");
      note("wild", event);
    },
  });
}
