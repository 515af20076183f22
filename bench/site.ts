/** A sandbox site in a process of its own, filled with events. Prints one JSON line when it is ready. */
import { openSandbox } from "../src/sandbox/open.ts";

const events = Number(process.argv[2] ?? 100_000);
const sandbox = await openSandbox();
sandbox.site.events.add(
  (function* () {
    for (let i = 0; i < events; i += 1) {
      yield {
        event_type: i % 3 === 0 ? "Shotgun_Shot_Change" : "Shotgun_Task_Change",
        attribute_name: i % 2 === 0 ? "sg_status_list" : "sg_description",
        created_at: "2026-01-05T10:00:00Z",
      };
    }
  })(),
);
const { url, scriptName, scriptKey } = sandbox;
console.log(JSON.stringify({ url, scriptName, scriptKey, newestId: sandbox.site.events.newestId }));
process.on("SIGTERM", () => void sandbox.close().then(() => process.exit(0)));
