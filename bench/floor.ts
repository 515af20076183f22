/** The floor: fetches and parses every page of the event log, one after the other, and does nothing with them. */
import { Pool } from "undici";
import { EVENT_FIELDS } from "../src/event.ts";

const { url, scriptName, scriptKey } = JSON.parse(process.argv[2]!) as Record<string, string>;
const pool = new Pool(url!, { connections: 1 });
let after = 0;
let events = 0;
for (;;) {
  const body = JSON.stringify({
    method_name: "read",
    params: [
      { script_name: scriptName, script_key: scriptKey },
      {
        type: "EventLogEntry",
        return_fields: EVENT_FIELDS,
        filters: {
          logical_operator: "and",
          conditions: [{ path: "id", relation: "greater_than", values: [after] }],
        },
        return_only: "active",
        paging: { entities_per_page: 500, current_page: 1 },
        sorts: [{ field_name: "id", direction: "asc" }],
        api_return_image_urls: true,
        return_paging_info_without_counts: false,
      },
    ],
  });
  const reply = await pool.request({
    method: "POST",
    path: "/api3/json",
    body,
    headers: { "content-type": "application/json; charset=utf-8" },
  });
  const { results } = (await reply.body.json()) as { results: { entities: { id: number }[] } };
  events += results.entities.length;
  if (results.entities.length < 500) break;
  after = results.entities.at(-1)!.id;
}
await pool.close();
console.log(events);
