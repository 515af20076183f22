/** A recording on disk: a first line that says what it is, then one JSON line for each write. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { asError, CallsheetError } from "../../errors.ts";

/** The first line. */
export const HEADER = { callsheet_recording: 1 } as const;

const header = z.looseObject({ callsheet_recording: z.literal(1) });
const step = z.object({
  /** Milliseconds since the recording began. */
  ms: z.number().min(0),
  /** As on the wire. */
  method: z.string(),
  payload: z.unknown(),
  /** The person on whose behalf; null: a script. */
  login: z.string().nullable(),
  /** What it answered, so that ids can be followed. */
  result: z.unknown(),
});

export type Step = z.output<typeof step>;

/** @throws CallsheetError USAGE for a file that cannot be read, or is no recording */
export function readRecording(file: string): Step[] {
  const lines = readLines(file);
  if (!header.safeParse(parsed(lines[0])).success)
    throw unusable(file, "its first line does not say that it is a recording");
  return lines.slice(1).map((line, at) => {
    const result = step.safeParse(parsed(line));
    if (!result.success) throw unusable(file, `line ${at + 2} is not a recorded write`);
    return result.data;
  });
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch (error) {
    throw unusable(file, asError(error).message);
  }
}

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? "");
  } catch {
    return undefined;
  }
}

function unusable(file: string, why: string): CallsheetError {
  return new CallsheetError("USAGE", `${file} cannot be replayed: ${why}.`, {
    hint: "Give a file that callsheet sandbox --record wrote.",
  });
}
