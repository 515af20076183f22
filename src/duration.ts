const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a duration: a number of milliseconds, or "500ms", "1.5s", "5m", "2h", "14d"; NaN when it is neither. */
export function durationMs(value: number | string): number {
  if (typeof value === "number") return value >= 0 ? value : Number.NaN;
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(value.trim());
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : Number.NaN;
}
