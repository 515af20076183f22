/** The studio at the end of its day, and ways to look at its site. */
import type { Day } from "./day.ts";
import type { Studio } from "./studio.ts";

export interface Evening {
  studio: Studio;
  day: Day;
}

export function looksAt(at: Evening) {
  /** One record of the site, as it is at the end of the day. */
  const now = async (type: string, { id }: { id: number }, ...fields: string[]) => {
    const record = await at.studio.site.findOne(type, [["id", "is", id]], fields);
    return Object.fromEntries(fields.map((field) => [field, record?.[field]]));
  };

  /** Who changed a field of a record, and in whose session. */
  const changes = async (type: string, { id }: { id: number }, field: string) => {
    const entries = await at.studio.site.find(
      "EventLogEntry",
      [
        ["entity", "is", { type, id }],
        ["attribute_name", "is", field],
      ],
      ["user", "session_uuid"],
    );
    return entries.map(({ user, session_uuid }) => [(user as { name?: string } | null)?.name, session_uuid]);
  };

  const lane = (name: string) => at.studio.daemon.status().plugins.find((plugin) => plugin.name === name)!;

  return { now, changes, lane };
}
