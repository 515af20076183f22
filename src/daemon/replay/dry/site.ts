/** Asking the site what it has now, as the plugin itself would: with its connection and its credentials. */
import type { SendOptions, Transport, WireRequest } from "../../../client/transport.ts";
import { isObject } from "./caught.ts";
import { asking, resultsOf, type SiteCall } from "./request.ts";

/** Fields that name an entity; those that a type does not have are left out by the site. */
const NAMES = ["code", "name", "content", "subject", "title", "login", "firstname"];
/** What of a row is told when it would go. */
export const TELLING = [
  ...NAMES,
  "sg_status_list",
  "description",
  "project",
  "entity",
  "created_at",
  "created_by",
];

export interface Present {
  /** null: there is no such entity, or it is retired. */
  row: Record<string, unknown> | null;
  name: string | null;
}

/** One request of the plugin, and the way it goes. */
export interface Errand {
  site: Transport;
  request: WireRequest;
  options: SendOptions;
  call: SiteCall;
}

/** @returns null when the site did not tell */
export async function presentOf(
  { site, request, options, call }: Errand,
  type: string,
  id: number,
  fields: readonly string[],
): Promise<Present | null> {
  const payload = {
    type,
    return_fields: [...new Set([...fields, ...NAMES])],
    filters: { logical_operator: "and", conditions: [{ path: "id", relation: "is", values: [id] }] },
    return_only: "active",
    paging: { entities_per_page: 1, current_page: 1 },
    return_paging_info: false,
    api_return_image_urls: true,
  };
  const reply = await site.send(asking(request, call, "read", payload), options).catch(() => null);
  const results = reply && resultsOf(reply);
  if (!isObject(results) || !Array.isArray(results.entities)) return null;
  const row = results.entities[0];
  return isObject(row) ? { row, name: nameIn(row) } : { row: null, name: null };
}

export function nameIn(row: Record<string, unknown>): string | null {
  const names = NAMES.map((field) => row[field]);
  return (names.find((name) => typeof name === "string" && name !== "") as string | undefined) ?? null;
}
