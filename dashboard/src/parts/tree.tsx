/** Any JSON value as a tree that opens and closes; an event's meta, mostly. */
import { visible } from "../format.ts";

const OPEN_UP_TO = 12;

export function Tree({ name, value }: { name: string; value: unknown }) {
  if (typeof value !== "object" || value === null)
    return (
      <div class="leaf">
        <span class="key">{name}</span> <Scalar value={value} />
      </div>
    );
  const entries = Object.entries(value);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0)
    return (
      <div class="leaf">
        <span class="key">{name}</span> <span class="quiet">{open + close}</span>
      </div>
    );
  return (
    <details class="tree" open={entries.length <= OPEN_UP_TO}>
      <summary>
        <span class="key">{name}</span> <span class="quiet">{summaryOf(value, entries.length)}</span>
      </summary>
      {entries.map(([key, inner]) => (
        <Tree key={key} name={key} value={inner} />
      ))}
    </details>
  );
}

function Scalar({ value }: { value: unknown }) {
  return (
    <span class={`value ${value === null ? "null" : typeof value}`}>{visible(JSON.stringify(value))}</span>
  );
}

/** A link of FPT says what it leads to. */
function summaryOf(value: object, size: number): string {
  if (Array.isArray(value)) return `${size} in a list`;
  if ("type" in value && "id" in value) return `${value.type} ${value.id}`;
  return size === 1 ? "1 field" : `${size} fields`;
}
