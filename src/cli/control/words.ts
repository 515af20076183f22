/** Numbers, times and events as people read them. */

/** `850 ms`, `3.2 s`, `12 min`, `5 h 12 min`, `3 d 5 h`. */
export function duration(ms: number): string {
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `3 min ago`, or `-`. */
export function ago(iso: string | null, now = Date.now()): string {
  if (!iso) return "-";
  const ms = now - Date.parse(iso);
  return ms < 1000 ? "now" : `${duration(ms)} ago`;
}

/** `12,345` */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** `850 kB`, `12 MB`, `3.1 GB` */
export function size(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** `14:02:11` today, else `2026-11-23 14:02`; local time. */
export function clock(iso: string, now = new Date()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso || "-";
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return at.toDateString() === now.toDateString() ? `${time}:${two(at.getSeconds())}` : `${day} ${time}`;
}

interface OfEntity {
  entity: { type: string; id: number; name?: string | undefined } | null;
  meta: Record<string, unknown> | null;
}

/** `Task 42 Animation` */
export function entityOf({ entity, meta }: OfEntity): string {
  if (entity) return `${entity.type} ${entity.id}${entity.name ? ` ${entity.name}` : ""}`;
  if (typeof meta?.entity_type !== "string") return "-";
  return `${meta.entity_type} ${String(meta.entity_id ?? "")}`.trim();
}

/** The first line, cut to `width`. */
export function firstLine(text: string, width = 100): string {
  const line = text.split("\n", 1)[0]!;
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}
