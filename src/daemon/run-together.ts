import { asError } from "../errors.ts";

/** All parts run until the stop; the first that fails stops the others, and its error is the outcome. */
export async function runTogether(parts: Promise<void>[], stopping: AbortController): Promise<void> {
  const outcomes = await Promise.allSettled(
    parts.map((part) =>
      part.catch((error) => {
        stopping.abort();
        throw error;
      }),
    ),
  );
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw asError(failed.reason);
}

/** The same until a signal aborts that is not for the parts to abort. */
export function runUntil(
  signal: AbortSignal,
  start: (signal: AbortSignal) => Promise<void>[],
): Promise<void> {
  const stopping = new AbortController();
  return runTogether(start(AbortSignal.any([signal, stopping.signal])), stopping);
}
