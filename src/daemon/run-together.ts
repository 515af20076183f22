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
