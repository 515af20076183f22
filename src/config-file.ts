import type { ParsedConfig } from "./config.ts";

/** A configuration ready for use: paths absolute, secrets resolved. */
export interface Config extends Omit<ParsedConfig, "site"> {
  site: Omit<ParsedConfig["site"], "scriptKey"> & { scriptKey: string };
  /** Absolute path of the file it came from. */
  file: string;
}
