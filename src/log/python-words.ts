/**
 * The Python daemon's own words, and its level and logger, for what a studio's tools look for in its files. What Callsheet has to say
 * of it stands below them.
 */
import type { LogLevel } from "../plugin.ts";
import type { LogRecord } from "./pretty.ts";

export interface OldWords {
  text: string;
  /** Default: those of the line. */
  level?: LogLevel;
  logger?: string;
}

/** The logger of the daemon itself. */
export const ENGINE = "engine";

type Wording = (record: LogRecord) => OldWords | null;

const WORDS: Readonly<Record<string, Wording>> = {
  had: ({ event_id }) => ({ text: `Event ${event_id} is too old.` }),
  failure: (record) => {
    // a callback that is called again, or that passes an event over, had no words there
    if (record.level !== "error") return null;
    const { plugin, callback } = record;
    const logger = typeof callback === "string" ? `plugin.${plugin}.${callback}` : `plugin.${plugin}`;
    return { text: below("An error occured processing an event.", record), level: "critical", logger };
  },
  load_failed: (record) => {
    if (record.code === "PLUGIN_NO_REGISTER" || record.level === "info") {
      const text = below(`Did not find a registerCallbacks function in plugin at ${record.file}.`, record);
      return { text, logger: ENGINE };
    }
    if (record.code === "PLUGIN_REGISTRATION" || record.message.includes(" failed while it registered")) {
      const text = `Error running register callback function from plugin at ${record.file}.`;
      return { text: below(text, record), level: "critical", logger: ENGINE };
    }
    return { text: below(`Could not load the plugin at ${record.file}.`, record) };
  },
  site_away: (record) => ({
    text: `Unable to connect to SG (attempt ${record.failures}): ${sentence(record)}`,
  }),
  crash: (record) => ({ text: below("Crash!!!!! Unexpected error in main loop.", record) }),
};

/** null: the line has no other words than its own. */
export function oldWords(record: LogRecord): OldWords | null {
  const { kind } = record;
  return typeof kind === "string" && Object.hasOwn(WORDS, kind) ? WORDS[kind]!(record) : null;
}

/** As the Python daemon has it: its words, an empty line, the traceback. */
function below(words: string, record: LogRecord): string {
  return [words, record.stack, sentence(record)].filter((part) => typeof part === "string").join("\n\n");
}

export function sentence({ message, code }: LogRecord): string {
  return typeof code === "string" ? `${message} [${code}]` : message;
}
