/**
 * What `import … from "callsheet"` gives inside a plugin's host: the names of `src/index.ts`, without the weight of
 * what checks configurations. A test keeps the two lists equal.
 */
import type { ConfigInput } from "../../config.ts";

export { CallsheetError, ERROR_CODES, RetryAfter, SkipEvent, StopPlugin } from "../../errors.ts";

export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
