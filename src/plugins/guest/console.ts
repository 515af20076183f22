/** Sends what a plugin prints to its log: one line for each call of `console`, one for each line of a bare write. */
import type { LogLevel } from "../../plugin.ts";
import type { GuestLogger } from "./logger.ts";

const LEVEL_OF = {
  debug: "debug",
  log: "info",
  info: "info",
  dir: "info",
  dirxml: "info",
  table: "info",
  group: "info",
  groupCollapsed: "info",
  count: "info",
  timeEnd: "info",
  timeLog: "info",
  warn: "warn",
  assert: "warn",
  error: "error",
  trace: "error",
} as const satisfies Partial<Record<keyof Console, LogLevel>>;

export function captureConsole(logger: GuestLogger): void {
  let level: LogLevel | null = null;
  const methods = console as unknown as Record<string, (...args: unknown[]) => void>;
  for (const [name, methodLevel] of Object.entries(LEVEL_OF)) {
    const print = methods[name]!;
    methods[name] = (...args) => {
      // The outermost call decides: `console.table` prints by `console.log`, `console.assert` by `console.warn`.
      const outer = level;
      level ??= methodLevel;
      try {
        print(...args);
      } finally {
        level = outer;
      }
    };
  }
  captureStream(process.stdout, logger, () => level, "info");
  captureStream(process.stderr, logger, () => level, "error");
  // Node would write warnings to the daemon's own terminal.
  process.removeAllListeners("warning");
  process.on("warning", (warning) => logger.line("warn", `${warning.name}: ${warning.message}`));
}

function captureStream(
  stream: NodeJS.WriteStream,
  logger: GuestLogger,
  consoleLevel: () => LogLevel | null,
  plainLevel: LogLevel,
): void {
  let begun = "";
  const decoder = new TextDecoder();
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const level = consoleLevel();
    if (level) {
      logger.line(level, text.replace(/\n$/, ""));
    } else {
      const lines = (begun + text).split("\n");
      begun = lines.pop()!;
      for (const line of lines) logger.line(plainLevel, line);
      // A writer that never ends its line must not fill the memory.
      if (begun.length > 100_000) {
        logger.line(plainLevel, begun);
        begun = "";
      }
    }
    const done = rest.find((value) => typeof value === "function");
    if (done) process.nextTick(done as () => void);
    return true;
  };
}
