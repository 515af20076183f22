/** Where to look for the log of a daemon. */
import { join } from "node:path";
import { CallsheetError } from "../../errors.ts";
import { type LogPlace, leftLogPlace } from "../../log/reading/place.ts";
import { findPlace, logFolder } from "../background/place.ts";

const STDOUT_ONLY =
  "Under systemd: journalctl -u callsheet. To have files, name a folder as log.dir, or start it with `callsheet start`.";

/**
 * What the daemon itself left word of comes first: its files stay where they are after a change of the configuration.
 * @throws {CallsheetError} LOG_NOT_FOUND when it writes no files
 */
export async function findLog(options: {
  config?: string;
  state?: string;
}): Promise<{ state: string; log: LogPlace }> {
  const { state, config } = await findPlace(options);
  const left = leftLogPlace(state);
  if (left === null)
    throw new CallsheetError(
      "LOG_NOT_FOUND",
      "The daemon writes its log to the standard output, not to files.",
      {
        hint: STDOUT_ONLY,
      },
    );
  if (left) return { state, log: left };
  if (config) return { state, log: { ...config.log, dir: logFolder(config), file: config.log.file } };
  return { state, log: { dir: join(state, "log"), file: "callsheet", files: "one", format: "auto" } };
}
