/** Dates on the command line. */

const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/;
const DAY_ONLY = 10;

/**
 * An ISO 8601 date, perhaps with a time and a zone; without a zone it is this machine's, and a day begins at its midnight. null when
 * it is none: JavaScript by itself would take "event 5" for a day in 2001, and the 30th of February for one in March.
 */
export function dateOf(text: string): Date | null {
  const [, year, month, day] = DATE.exec(text)?.map(Number) ?? [];
  if (new Date(Date.UTC(year!, month! - 1, day!)).getUTCDate() !== day) return null;
  const time = new Date(text.length === DAY_ONLY ? `${text}T00:00` : text);
  return Number.isNaN(time.getTime()) ? null : time;
}
