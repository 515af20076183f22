import type { Sandbox } from "../../src/sandbox/open.ts";

/** Makes one event on the site. */
export function changeTask(site: Sandbox, status: string): void {
  const credentials = { script_name: site.scriptName, script_key: site.scriptKey };
  const [task] = (
    site.site.call("read", [
      credentials,
      {
        type: "Task",
        filters: { logical_operator: "and", conditions: [] },
        return_fields: ["id"],
        paging: { entities_per_page: 1, current_page: 1 },
      },
    ]) as { entities: { id: number }[] }
  ).entities;
  site.site.call("update", [
    credentials,
    { type: "Task", id: task!.id, fields: [{ field_name: "sg_status_list", value: status }] },
  ]);
}
