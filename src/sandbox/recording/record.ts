/** Keeps what is written to a site in a file, to be replayed. */
import { closeSync, openSync, writeSync } from "node:fs";
import { asError, CallsheetError } from "../../errors.ts";
import type { Site, Written } from "../site.ts";
import { HEADER, type Step } from "./file.ts";

/** Writes that a replay can repeat: uploads, changes of the schema and log-ins are not among them. */
const KEPT = new Set([
  "create",
  "update",
  "delete",
  "revive",
  "batch",
  "follow",
  "unfollow",
  "work_schedule_update",
]);
const SECRETS = new Set(["password_proxy", "salted_password"]);

export interface Recording {
  /** Writes kept so far. */
  readonly count: number;
  stop(): void;
}

/**
 * Keeps every write from now on, each at once.
 * @throws CallsheetError USAGE when there is such a file already, or it cannot be written
 */
export function startRecording({ site }: { site: Site }, file: string): Recording {
  const fd = create(file);
  const began = performance.now();
  let count = 0;
  const line = (value: object) => writeSync(fd, `${JSON.stringify(value)}\n`);
  line({ ...HEADER, began: new Date().toISOString() });
  const stop = site.onWrite(({ method, payload, login, result }: Written) => {
    if (!KEPT.has(method)) return;
    const ms = Math.round(performance.now() - began);
    const step: Step = { ms, method, payload: masked(payload), login, result: JSON.parse(result) };
    line(step);
    count += 1;
  });
  let open = true;
  return {
    get count() {
      return count;
    },
    stop() {
      if (!open) return;
      open = false;
      stop();
      closeSync(fd);
    },
  };
}

function create(file: string): number {
  try {
    return openSync(file, "wx", 0o600);
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === "EEXIST";
    const why = taken ? "there is such a file already" : asError(error).message;
    throw new CallsheetError("USAGE", `The day cannot be recorded in ${file}: ${why}.`, { cause: error });
  }
}

/** Keys and passwords are not kept. */
function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return value;
  const isSecret = "field_name" in value && SECRETS.has(String(value.field_name));
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    isSecret && key === "value" ? "*******" : masked(item),
  ]);
  return Object.fromEntries(entries);
}
