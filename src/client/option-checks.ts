/** Whether the options of a connection and of a transport are what they should be: one that is not would be found out late, or never. */
import { CallsheetError } from "../errors.ts";
import { BadArgument, requireKnown, show } from "./argument.ts";
import { isObject } from "./entity.ts";
import type { HttpTransportOptions } from "./http.ts";
import type { ConnectionOptions } from "./options.ts";
import type { RetryOptions } from "./retry.ts";

interface Check {
  what: string;
  holds(value: unknown): boolean;
  /** True where the value may hold a password, and is not repeated. */
  secret?: boolean;
}

type Checks<Options> = { [Key in keyof Options]-?: Check };

/** Beyond this a timer of Node fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

const text: Check = {
  what: "a text that is not empty",
  holds: (value) => typeof value === "string" && value !== "",
};
const switched: Check = { what: "true or false", holds: (value) => typeof value === "boolean" };
const attempts: Check = {
  what: "a whole number of 1 or more",
  holds: (value) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && Number(value) >= 1),
};
const pauseMs: Check = {
  what: "milliseconds of 0 or more",
  holds: (value) => typeof value === "number" && value >= 0 && value <= LONGEST_MS,
};

/** @throws BadArgument */
function check<Options>(given: unknown, checks: Checks<Options>, prefix: string): void {
  const values = given as Record<string, unknown>;
  for (const [name, { what, holds, secret }] of Object.entries<Check>(checks)) {
    const value = values[name];
    if (value === undefined || holds(value)) continue;
    throw new BadArgument(`${prefix}${name} must be ${what}${secret ? "" : `, got ${show(value)}`}`);
  }
}

const RETRY: Checks<RetryOptions> = {
  gatewayAttempts: attempts,
  tlsAttempts: attempts,
  tlsPauseMs: pauseMs,
  busyAttempts: attempts,
  busyPauseMs: pauseMs,
  maxPauseMs: pauseMs,
  replayWrites: switched,
};

const CONNECTION: Checks<ConnectionOptions> = {
  sudoAsLogin: text,
  extraAuthParams: {
    what: "an object of texts",
    holds: (value) => isObject(value) && Object.values(value).every((item) => typeof item === "string"),
    secret: true,
  },
  httpProxy: { ...text, secret: true },
  caCerts: text,
  timeoutMs: {
    what: "milliseconds above 0",
    holds: (value) => typeof value === "number" && value > 0 && value <= LONGEST_MS,
  },
  transport: {
    what: "a transport",
    holds: (value) =>
      isObject(value) && typeof value.send === "function" && typeof value.close === "function",
  },
  sessionUuid: { what: "a text or null", holds: (value) => value === null || typeof value === "string" },
  dates: {
    what: '"date", "schema" or "string"',
    holds: (value) => value === "date" || value === "schema" || value === "string",
  },
  retry: { what: "an object", holds: isObject },
  pause: { what: "a function", holds: (value) => typeof value === "function" },
  userAgent: {
    what: "a list of texts of printable ASCII",
    holds: (value) => Array.isArray(value) && value.every(isAgent),
  },
  slimEntities: switched,
  localized: switched,
};

const TRANSPORT: Checks<HttpTransportOptions> = {
  httpProxy: { ...text, secret: true },
  caCerts: text,
  connections: attempts,
  busyHoldMs: pauseMs,
};

/** Whether a header can carry the text. */
export function isAgent(text: unknown): boolean {
  return typeof text === "string" && /^[\x20-\x7e]+$/.test(text);
}

/**
 * @param others names that somebody else checks
 * @throws CallsheetError SITE_ARGUMENT
 */
export function requireConnectionOptions(options: ConnectionOptions, others: readonly string[]): void {
  refuse(() => {
    requireKnown(options, [...others, ...Object.keys(CONNECTION)], "option of a connection");
    check(options, CONNECTION, "");
    if (options.retry === undefined) return;
    requireKnown(options.retry, Object.keys(RETRY), "option of retry");
    check(options.retry, RETRY, "retry.");
  });
}

/** @throws CallsheetError SITE_ARGUMENT */
export function requireTransportOptions(options: HttpTransportOptions): void {
  refuse(() => {
    requireKnown(options, Object.keys(TRANSPORT), "option of a transport");
    check(options, TRANSPORT, "");
  });
}

function refuse(checks: () => void): void {
  try {
    checks();
  } catch (error) {
    if (!(error instanceof BadArgument)) throw error;
    throw new CallsheetError("SITE_ARGUMENT", `${error.message}.`);
  }
}
