/** What a dry run caught, as differences against the site's present values. */
import type { z } from "zod";
import type { caughtWrite } from "../../../server/shapes/replay.ts";
import { table } from "../../table.ts";
import { dim, style } from "../command.ts";

export type Caught = z.output<typeof caughtWrite>;
type Change = Caught["fields"][number];

/** Values are cut at this width. */
const WIDEST = 60;

const VERBS: Record<string, { word: string; colour: Parameters<typeof style>[0] }> = {
  create: { word: "+ create", colour: "green" },
  update: { word: "~ update", colour: "yellow" },
  delete: { word: "- delete", colour: "red" },
};

/** @param before the write that was told before it, whose heading need not come again */
export function writeInWords(write: Caught, before: Caught | null): string {
  const isSameCall = before?.eventId === write.eventId && before.callback === write.callback;
  const lines = isSameCall ? [] : [headingOf(write)];
  const { word, colour } = VERBS[write.method] ?? { word: `* ${write.method}`, colour: "cyan" as const };
  lines.push(`  ${style(colour, word)}${entityOf(write)}${write.batch === null ? "" : dim(" (in a batch)")}`);
  if (write.note) lines.push(`      ${style("yellow", write.note)}`);
  const changed = write.fields.filter((field) => field.changed);
  const rows = changed.map((field) => [`      ${field.field}`, ...changeOf(write, field)]);
  const same = write.fields.length - changed.length;
  const list = rows.length > 0 ? `\n${table(rows).trimEnd()}` : "";
  const rest = same > 0 ? `\n      ${dim(`${namesOf(write.fields)}: as on the site`)}` : "";
  const given = write.given ? `\n      ${shown(write.given, 160)}` : "";
  return `${lines.join("\n")}${list}${rest}${given}`;
}

function headingOf({ eventId, callback }: Caught): string {
  const what = eventId === 0 ? "While it was loaded" : `Event ${eventId}`;
  return style("bold", callback === null ? what : `${what}, ${callback}`);
}

function entityOf({ entity, method }: Caught): string {
  if (!entity) return "";
  const id = entity.id === null ? "" : method === "create" ? dim(` (${entity.id} for now)`) : ` ${entity.id}`;
  return ` ${entity.type}${id}${entity.name ? ` ${entity.name}` : ""}`;
}

function changeOf({ method }: Caught, change: Change): string[] {
  const { before, after, mode } = change;
  if (method === "create") return [style("green", shown(after))];
  if (method === "delete") return [style("red", shown(before))];
  const old = Object.hasOwn(change, "before") ? style("red", shown(before)) : dim("not known");
  return [`${old} → ${style("green", shown(after))}${mode === null ? "" : dim(` (${mode})`)}`];
}

function namesOf(fields: readonly Change[]): string {
  return fields
    .filter(({ changed }) => !changed)
    .map(({ field }) => field)
    .join(", ");
}

function shown(value: unknown, widest = WIDEST): string {
  const text = plain(value);
  return text.length > widest ? `${text.slice(0, widest - 1)}…` : text;
}

/** Links by name, everything else as JSON. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(", ")}]`;
  if (typeof value === "object" && value !== null && "type" in value && "id" in value) {
    const { type, id, name } = value as { type: unknown; id: unknown; name?: unknown };
    return `${String(type)} ${String(id)}${typeof name === "string" ? ` ${name}` : ""}`;
  }
  return JSON.stringify(value) ?? "nothing";
}
