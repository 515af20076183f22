/** Dates and times as a site takes and keeps them (protocol notes 5.3). */

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/;

/** `YYYY-MM-DD`, or null for anything else; a time of day is refused. */
export function wireDate(text: string): string | null {
  const match = DATE.exec(text);
  if (!match) return null;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) ? text : null;
}

/** `YYYY-MM-DDTHH:MM:SSZ` of an ISO time with `Z`, an offset or none (UTC), or of a date (midnight UTC); else null. */
export function wireDateTime(text: string): string | null {
  const match = DATE_TIME.exec(text);
  if (!match || wireDate(match[1]!) === null) return null;
  const [, day, time = "00:00:00", zone = "Z"] = match;
  const offset = zone === "UTC" ? "Z" : zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const date = new Date(`${day}T${time.length === 5 ? `${time}:00` : time}${offset}`);
  return Number.isNaN(date.getTime()) ? null : `${date.toISOString().slice(0, 19)}Z`;
}

/** As dates stand in event metas: `2015-07-13 21:54:01 UTC`. */
export function metaTime(wire: string): string {
  return `${wire.slice(0, 10)} ${wire.slice(11, 19)} UTC`;
}
