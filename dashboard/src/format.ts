/** Numbers, durations and times for people, in the reader's own locale and zone. */

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const tenth = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

const minute = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export const count = (number: number): string => whole.format(number);

export const compact = (number: number): string =>
  number < 10_000 ? whole.format(number) : short.format(number);

/** How often in a minute; a dash when it is not known. */
export const rate = (number: number | null): string =>
  number === null ? "–" : number > 0 && number < 10 ? tenth.format(number) : compact(number);

/** `340 ms`, `4.2 s`, `3 min`, `5 h 12 min`, `3 d`; a dash when there is none. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "–";
  if (ms < 10) return `${Number(ms.toPrecision(2))} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d`;
}

export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = size < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(size) / 3));
  const number = size / 1000 ** power;
  return `${number >= 100 || power === 0 ? Math.round(number) : number.toFixed(1)} ${units[power]}`;
}

/** @param seconds since 1970 */
export const hourAndMinute = (seconds: number): string => minute.format(new Date(seconds * 1000));

export const timeOfDay = (at: string): string => clock.format(new Date(at));

export const dateAndTime = (at: string): string => day.format(new Date(at));

/** How long ago, by the daemon's own clock. */
export const ago = (at: string, now: string): string =>
  `${duration(Math.max(1, Date.parse(now) - Date.parse(at)))} ago`;

/** Text from elsewhere, with the characters that turn the order of others around spelt out: it reads as it is. */
export const visible = (text: string): string =>
  text.replace(/[\u202a-\u202e\u2066-\u2069]/g, (each) => `\\u${each.charCodeAt(0).toString(16)}`);

/** What the daemon says of times in its sentences, in the reader's own. */
export const inOwnTime = (text: string): string =>
  text.replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, (at) => dateAndTime(at));
