/** What a dry run caught: for each write what would be different on the site. */
import type { CaughtWrite } from "../api/shapes.ts";
import { EventLink } from "./event-link.tsx";

export function Differences({ writes }: { writes: readonly CaughtWrite[] }) {
  return (
    <>
      {writes.map((write, place) => (
        <article key={write.number} class="panel callback">
          {!isSameCall(write, writes[place - 1]) && (
            <h3>
              Event <EventLink id={write.eventId} />
              {write.callback && <span class="quiet"> {write.callback}</span>}
            </h3>
          )}
          <p>
            <strong>{write.method.replaceAll("_", " ")}</strong> {entityText(write)}
            {write.batch !== null && <span class="quiet"> in a batch</span>}
          </p>
          {write.note && <p class="trouble">{write.note}</p>}
          {write.fields.length > 0 && <Fields write={write} />}
          {write.given && <p class="message quiet">{JSON.stringify(write.given)}</p>}
        </article>
      ))}
    </>
  );
}

function Fields({ write: { fields } }: { write: CaughtWrite }) {
  const changed = fields.filter((field) => field.changed);
  const same = fields.filter((field) => !field.changed).map(({ field }) => field);
  return (
    <>
      <dl class="difference">
        {changed.map((change) => (
          <div key={change.field}>
            <dt>
              {change.field}
              {change.mode && ` (${change.mode})`}
            </dt>
            <dd>
              {"before" in change && <del>{valueText(change.before)}</del>}{" "}
              {"after" in change && <ins>{valueText(change.after)}</ins>}
            </dd>
          </div>
        ))}
      </dl>
      {same.length > 0 && <p class="quiet">As on the site: {same.join(", ")}</p>}
    </>
  );
}

function isSameCall(write: CaughtWrite, before: CaughtWrite | undefined): boolean {
  return before?.eventId === write.eventId && before.callback === write.callback;
}

function entityText({ entity, method }: CaughtWrite): string {
  if (!entity) return "";
  const name = entity.name ? ` ${entity.name}` : "";
  return method === "create" ? `${entity.type}${name}` : `${entity.type} ${entity.id ?? ""}${name}`;
}

/** Links by their names, everything else as JSON. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(", ")}]`;
  if (typeof value === "object" && value !== null && "type" in value && "id" in value) {
    const { type, id, name } = value as { type: unknown; id: unknown; name?: unknown };
    return `${type} ${typeof name === "string" ? name : id}`;
  }
  return typeof value === "string" ? `“${value}”` : (JSON.stringify(value) ?? "nothing");
}
