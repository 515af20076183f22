/** The other side of `start`: what a daemon without a terminal does otherwise than one with. */
import { Writable } from "node:stream";
import type { Config } from "../../config-file.ts";
import { asError, CallsheetError } from "../../errors.ts";
import { logFolder } from "./place.ts";
import type { BirthNotice } from "./start.ts";

/** The same configuration, with log files in any case. */
export function withLogFiles(config: Config): Config {
  return { ...config, log: { ...config.log, dir: logFolder(config) } };
}

/** An output that takes everything and keeps nothing. */
export function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** Told once; whoever started this process may be gone by then. */
export function tellStarter(notice: BirthNotice): void {
  if (!process.connected) return;
  process.send!(notice, () => {
    if (process.connected) process.disconnect();
  });
}

export function failureNotice(thrown: unknown): BirthNotice {
  const error = asError(thrown);
  const known = error instanceof CallsheetError ? error : null;
  return {
    kind: "failed",
    code: known?.code ?? null,
    message: error.message,
    hint: known?.hint ?? null,
  };
}
