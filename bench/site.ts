/**
 * A sandbox site in a process of its own, filled with events. Prints one JSON line when it is ready.
 *
 *     node bench/site.ts [EVENTS] [DELAY]
 *
 * With DELAY each answer comes so many milliseconds late. Lines on the standard input:
 *
 * - `steady RATE SECONDS URL SECRET`: rings there with a webhook and writes RATE events a second; then prints when each became
 *   visible, `id time` a line, and `end`.
 * - `add COUNT`: writes so many events, and prints the newest id.
 * - `trouble SHARE`: from now on so large a share of the requests goes wrong.
 */
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { openSandbox, type Sandbox } from "../src/sandbox/open.ts";

const events = Number(process.argv[2] ?? 100_000);
const delay = Number(process.argv[3] ?? 0);
const sandbox = await openSandbox();
sandbox.site.events.add(
  (function* () {
    for (let i = 0; i < events; i += 1) yield { ...change(i), created_at: "2026-01-05T10:00:00Z" };
  })(),
);
if (delay > 0) sandbox.faults.next({ kind: "slow", ms: delay, until: "ended" });
const { url, scriptName, scriptKey } = sandbox;
console.log(JSON.stringify({ url, scriptName, scriptKey, newestId: sandbox.site.events.newestId }));
process.on("SIGTERM", () => void sandbox.close().then(() => process.exit(0)));
for await (const line of createInterface(process.stdin)) {
  const [command, ...words] = line.split(" ");
  if (command === "steady") process.stdout.write(await steady(sandbox, words));
  else if (command === "add") console.log(add(Number(words[0])));
  else if (command === "trouble") trouble(Number(words[0]));
}

function add(count: number): number {
  return sandbox.site.events.add(Array.from({ length: count }, (_, i) => change(i))).last;
}

function trouble(rate: number): void {
  sandbox.faults.chaos({
    seed: 1,
    rate,
    kinds: [
      { kind: "status", status: 502 },
      { kind: "reset" },
      { kind: "truncated" },
      { kind: "wrong_json" },
    ],
  });
}

/** One event in a hundred is a new version; of the others a third is about shots, the rest about tasks. */
function change(i: number) {
  if (i % 100 === 99) return { event_type: "Shotgun_Version_New" };
  return {
    event_type: i % 3 === 0 ? "Shotgun_Shot_Change" : "Shotgun_Task_Change",
    attribute_name: i % 2 === 0 ? "sg_status_list" : "sg_description",
  };
}

/** Each event is a transaction of its own. */
async function steady({ site, webhooks }: Sandbox, words: string[]): Promise<string> {
  const [rate, seconds] = words.map(Number) as [number, number];
  webhooks.register({ url: words[2]!, secret: words[3]!, batched: true });
  const visible: string[] = [];
  const begun = performance.now();
  for (let i = 0; i < rate * seconds; i += 1) {
    const ahead = begun + (i * 1000) / rate - performance.now();
    if (ahead > 1) await wait(ahead);
    const { first } = site.events.add([change(i)]);
    visible.push(`${first} ${performance.timeOrigin + performance.now()}\n`);
    // the site answers and rings in between, even when it is behind
    if (i % 10 === 0) await wait(0);
  }
  return `${visible.join("")}end\n`;
}
