/** Milliseconds on the machine's monotonic clock: the same for all threads, and for Python's `time.monotonic()`. */
export function machineMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
