import type { CallbackInfo } from "./host.ts";

/** For people: `onStatus: Shotgun_Task_Change (sg_status_list)`. */
export function describeCallback({ name, matchEvents }: CallbackInfo): string {
  if (matchEvents === null) return `${name}: every event`;
  const filters = Object.entries(matchEvents).map(([type, fields]) => {
    const event = type === "*" ? "every event" : type;
    if (fields === null || fields.includes("*")) return event;
    const names = typeof fields === "string" ? [fields] : fields;
    return `${event} (${names.join(", ") || "no field"})`;
  });
  return `${name}: ${filters.join(", ") || "every event"}`;
}
