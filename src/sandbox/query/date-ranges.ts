/** The spans of relative dates: `in_last 2 WEEK`, `in_calendar_month -1` (protocol notes 4.4). All in UTC. */

export const UNITS = ["HOUR", "DAY", "WEEK", "MONTH", "YEAR"] as const;
export type Unit = (typeof UNITS)[number];
export type Bucket = "day" | "week" | "month" | "year";

/** More than any date needs, and few enough for any date to exist. */
const MOST_UNITS = 100_000;

/** Both ends included, as dates or date-times are stored. */
export interface Span {
  first: string;
  last: string;
}

/** From now to `count` units from now; a negative count lies in the past. */
export function span(now: Date, count: number, unit: Unit, dateOnly: boolean): Span {
  const other = shift(now, Math.min(Math.max(count, -MOST_UNITS), MOST_UNITS), unit);
  const ends = [stored(now, dateOnly), stored(other, dateOnly)].sort();
  return { first: ends[0]!, last: ends[1]! };
}

/** The day, week, month or year `offset` away from the current one; weeks begin on Sunday. */
export function bucket(now: Date, kind: Bucket, offset: number, dateOnly: boolean): Span {
  const near = Math.min(Math.max(offset, -MOST_UNITS), MOST_UNITS);
  const first = bucketStart(now, kind, near);
  const after = bucketStart(now, kind, near + 1);
  return { first: stored(first, dateOnly), last: stored(new Date(after.getTime() - 1000), dateOnly) };
}

function bucketStart(now: Date, kind: Bucket, offset: number): Date {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  switch (kind) {
    case "day":
      return new Date(Date.UTC(year, month, day + offset));
    case "week":
      return new Date(Date.UTC(year, month, day - now.getUTCDay() + 7 * offset));
    case "month":
      return new Date(Date.UTC(year, month + offset, 1));
    case "year":
      return new Date(Date.UTC(year + offset, 0, 1));
  }
}

function shift(now: Date, count: number, unit: Unit): Date {
  const date = new Date(now);
  if (unit === "HOUR") date.setUTCHours(date.getUTCHours() + count);
  else if (unit === "DAY") date.setUTCDate(date.getUTCDate() + count);
  else if (unit === "WEEK") date.setUTCDate(date.getUTCDate() + 7 * count);
  else addMonths(date, unit === "MONTH" ? count : 12 * count);
  return date;
}

/** A month from 31 January is the last of February. */
function addMonths(date: Date, count: number): void {
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + count);
  const daysInMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, daysInMonth));
}

/** Dates are kept with four digits for the year. */
function stored(date: Date, dateOnly: boolean): string {
  const year = date.getUTCFullYear();
  if (year < 0) return "0000";
  if (year > 9999) return "9999-12-31T23:59:59Z".slice(0, dateOnly ? 10 : 20);
  const iso = date.toISOString();
  return dateOnly ? iso.slice(0, 10) : `${iso.slice(0, 19)}Z`;
}
