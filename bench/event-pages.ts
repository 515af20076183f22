/**
 * How long the sandbox takes for a 500-row page of the event log, over HTTP, at several depths of a log of a million events.
 *
 *     node bench/event-pages.ts [EVENTS]
 *
 * A page deep in the log should cost what the first one costs: the ratio stays near 1.
 */
import { Agent, request } from "node:http";
import { argv, stdout } from "node:process";
import { EVENT_FIELDS } from "../src/event.ts";
import type { Sandbox } from "../src/sandbox/open.ts";
import { openSandbox } from "../src/sandbox/open.ts";

const PAGE = 500;
const CHUNK = 10_000;
const ROUNDS = 40;
const DEPTHS = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999];

const total = Number(argv[2] ?? 1_000_000);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const sandbox = await openSandbox({ studio: "small" });
try {
  const filled = fill(sandbox, total);
  stdout.write(`${total} events stored in ${(filled / 1000).toFixed(1)} s\n`);
  const first = sandbox.site.events.newestId - total;
  for (let i = 0; i < 10; i += 1) await page(sandbox, first + i * PAGE);
  let shallow = 0;
  for (const depth of DEPTHS) {
    const { ms, bytes } = await measure(sandbox, Math.floor(first + depth * total));
    shallow ||= ms;
    const place = `${(depth * 100).toFixed(1)} %`.padStart(7);
    stdout.write(
      `depth ${place}: ${ms.toFixed(2)} ms a page of ${PAGE} (${(bytes / 1024).toFixed(0)} kB), ratio ${(ms / shallow).toFixed(2)}\n`,
    );
  }
} finally {
  agent.destroy();
  await sandbox.close();
}

/** Adds rows as a site writes them for status changes; returns milliseconds. */
function fill(sandbox: Sandbox, count: number): number {
  const began = performance.now();
  for (let done = 0; done < count; done += CHUNK) {
    const size = Math.min(CHUNK, count - done);
    sandbox.site.events.add(Array.from({ length: size }, (_, index) => statusChange(done + index)));
  }
  return performance.now() - began;
}

function statusChange(n: number) {
  const id = (n % 80) + 1;
  return {
    event_type: "Shotgun_Task_Change",
    attribute_name: "sg_status_list",
    entity: { type: "Task", id },
    meta: {
      type: "attribute_change",
      attribute_name: "sg_status_list",
      entity_type: "Task",
      entity_id: id,
      field_data_type: "status_list",
      old_value: "ip",
      new_value: "rev",
    },
  };
}

/** Median milliseconds of `ROUNDS` pages that begin after this id. */
async function measure(sandbox: Sandbox, after: number): Promise<{ ms: number; bytes: number }> {
  const times: number[] = [];
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    bytes = await page(sandbox, after);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return { ms: times[ROUNDS >> 1]!, bytes };
}

/** Asks for a page as the reader does; returns its size in bytes. */
function page(sandbox: Sandbox, after: number): Promise<number> {
  const { url, scriptName, scriptKey } = sandbox;
  const payload = {
    type: "EventLogEntry",
    return_fields: EVENT_FIELDS,
    filters: {
      logical_operator: "and",
      conditions: [{ path: "id", relation: "greater_than", values: [after] }],
    },
    return_only: "active",
    paging: { entities_per_page: PAGE, current_page: 1 },
    sorts: [{ field_name: "id", direction: "asc" }],
    api_return_image_urls: true,
    return_paging_info_without_counts: false,
  };
  const auth = { script_name: scriptName, script_key: scriptKey };
  const body = JSON.stringify({ method_name: "read", params: [auth, payload] });
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/api3/json`, { method: "POST", agent }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on("end", () => resolve(bytes));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
