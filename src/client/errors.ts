/**
 * What a call of the client throws. Every class carries the same facts about the call; none ever holds a key, a
 * password or the request itself.
 */
import { CallsheetError, type CallsheetErrorOptions, type ErrorCode } from "../errors.ts";
import type { TransportFailure } from "./transport.ts";

/** What is known about a call that failed. */
export interface CallFacts {
  /** The client's method: `find`, `create`, … */
  method: string;
  /** `Shot`; null where a method has no entity type. */
  entityType: string | null;
  /** The record that the call is about; null where there is not one of them. */
  entityId: number | null;
  /** HTTP status of the last reply; null when none came. */
  status: number | null;
  /** Requests sent, 0 when the call was refused before sending. */
  attempts: number;
  /** What the site, or a gateway before it, called the request (`x-request-id`), for its support; null when it did not. */
  requestId: string | null;
}

interface ShotgunErrorOptions extends CallsheetErrorOptions {
  retriable?: boolean;
  uncertain?: boolean;
}

/** Base of everything the client throws. `code` is one of the SITE_* codes. */
export class ShotgunError extends CallsheetError {
  override name = "ShotgunError";
  readonly method: string;
  readonly entityType: string | null;
  readonly entityId: number | null;
  readonly status: number | null;
  readonly attempts: number;
  readonly requestId: string | null;
  /** True when the same call may well succeed later: the site was out of reach, busy, or answered 5xx. */
  readonly retriable: boolean;
  /** True when the site may have carried out a write although no answer arrived. Look before repeating it. */
  readonly uncertain: boolean;

  constructor(code: ErrorCode, message: string, facts: CallFacts, options: ShotgunErrorOptions = {}) {
    super(code, message, options);
    this.method = facts.method;
    this.entityType = facts.entityType;
    this.entityId = facts.entityId;
    this.status = facts.status;
    this.attempts = facts.attempts;
    this.requestId = facts.requestId;
    this.retriable = options.retriable ?? false;
    this.uncertain = options.uncertain ?? false;
  }
}

/** SITE_ARGUMENT: a method was called with a wrong argument; nothing was sent. */
export class ArgumentError extends ShotgunError {
  override name = "ArgumentError";
  constructor(message: string, facts: CallFacts, hint?: string) {
    super("SITE_ARGUMENT", message, facts, hint === undefined ? {} : { hint });
  }
}

/** SITE_TOO_OLD: the site's version lacks what the call needs; nothing was sent (protocol notes 1.6). */
export class SiteTooOldError extends ShotgunError {
  override name = "SiteTooOldError";
  constructor(message: string, facts: CallFacts) {
    super("SITE_TOO_OLD", message, facts);
  }
}

/** SITE_FAULT: the site understood the request and refused it. `message` is the site's own text (protocol notes 11). */
export class Fault extends ShotgunError {
  override name = "Fault";
  /** The site's number: 103 malformed request, 104 data or permission; null when it sent none. */
  readonly errorCode: number | null;

  constructor(
    message: string,
    errorCode: number | null,
    facts: CallFacts,
    options: { code?: ErrorCode; hint?: string; retriable?: boolean } = {},
  ) {
    const { code = "SITE_FAULT", ...rest } = options;
    super(code, message, facts, rest);
    this.errorCode = errorCode;
  }

  override describe(): string {
    const text = /[.!?]$/.test(this.message) ? this.message : `${this.message}.`;
    return `${this.code}: The site refused ${callName(this)}: ${text}${this.hint ? ` ${this.hint}` : ""}`;
  }
}

const USE_A_SCRIPT = "Use a script's name and key.";

/** SITE_AUTHENTICATION, fault code 102: unknown script or person, or a wrong key or password; the site does not say which. */
export class AuthenticationFault extends Fault {
  override name = "AuthenticationFault";
  constructor(message: string, errorCode: number | null, facts: CallFacts) {
    super(message, errorCode, facts, {
      code: "SITE_AUTHENTICATION",
      hint: "Check the credentials: a script's name and key stand on the site's Scripts page; a session ends after a while.",
    });
  }
}

/** SITE_AUTHENTICATION, fault code 106: the account needs a second factor. */
export class MissingTwoFactorAuthenticationFault extends Fault {
  override name = "MissingTwoFactorAuthenticationFault";
  constructor(message: string, errorCode: number | null, facts: CallFacts) {
    super(message, errorCode, facts, {
      code: "SITE_AUTHENTICATION",
      hint: "Give authToken, the code of the second factor, or use a script's name and key.",
    });
  }
}

/** SITE_AUTHENTICATION, fault code 108: the site uses single sign-on and takes no passwords. */
export class UserCredentialsNotAllowedForSSOAuthenticationFault extends Fault {
  override name = "UserCredentialsNotAllowedForSSOAuthenticationFault";
  constructor(message: string, errorCode: number | null, facts: CallFacts) {
    super(message, errorCode, facts, { code: "SITE_AUTHENTICATION", hint: USE_A_SCRIPT });
  }
}

/** SITE_AUTHENTICATION, fault code 110: the site uses Autodesk Identity and takes no passwords. */
export class UserCredentialsNotAllowedForOxygenAuthenticationFault extends Fault {
  override name = "UserCredentialsNotAllowedForOxygenAuthenticationFault";
  constructor(message: string, errorCode: number | null, facts: CallFacts) {
    super(message, errorCode, facts, { code: "SITE_AUTHENTICATION", hint: USE_A_SCRIPT });
  }
}

/** SITE_FAULT: the thumbnail to share is still being made; try again in a while. */
export class ThumbnailNotReadyError extends Fault {
  override name = "ThumbnailNotReadyError";
  constructor(message: string, facts: CallFacts) {
    super(message, null, facts, {
      retriable: true,
      hint: "The site is still making the thumbnail; try again later.",
    });
  }
}

/** SITE_DOWNLOAD: the site, or the storage it points to, does not hand out the file. */
export class FileDownloadError extends ShotgunError {
  override name = "FileDownloadError";
  constructor(message: string, facts: CallFacts, options: { hint?: string; retriable?: boolean } = {}) {
    super("SITE_DOWNLOAD", message, facts, options);
  }
}

/** SITE_PROTOCOL, or SITE_BUSY for 503 and 429: the site answered with an HTTP status of 300 or more. */
export class ProtocolError extends ShotgunError {
  override name = "ProtocolError";
  readonly statusText: string;
  /** From the reply's `Retry-After`, milliseconds; null without one. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    facts: CallFacts & { status: number },
    options: { statusText: string; retryAfterMs: number | null; hint?: string; uncertain: boolean },
  ) {
    const busy = facts.status === 503 || facts.status === 429;
    super(busy ? "SITE_BUSY" : "SITE_PROTOCOL", message, facts, {
      retriable: busy || facts.status >= 500 || facts.status === 408,
      uncertain: options.uncertain,
      ...(options.hint === undefined ? {} : { hint: options.hint }),
    });
    this.statusText = options.statusText;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** SITE_UNREACHABLE: no whole reply arrived, or the request could not be sent whole. `failure` says how it broke. */
export class UnreachableError extends ShotgunError {
  override name = "UnreachableError";
  readonly failure: TransportFailure;

  constructor(
    message: string,
    failure: TransportFailure,
    facts: CallFacts,
    options: { hint?: string; uncertain: boolean; cause?: Error },
  ) {
    super("SITE_UNREACHABLE", message, facts, {
      ...options,
      retriable: failure !== "tls" && failure !== "file",
    });
    this.failure = failure;
  }
}

/** SITE_REPLY: a reply arrived that cannot be understood, or lacks what the call relies on. */
export class ReplyError extends ShotgunError {
  override name = "ReplyError";
  constructor(message: string, facts: CallFacts, options: { hint?: string; uncertain?: boolean } = {}) {
    super("SITE_REPLY", message, facts, options);
  }
}

/** SITE_ABORTED: the call's AbortSignal fired. `cause` is the signal's reason. */
export class AbortedError extends ShotgunError {
  override name = "AbortedError";
  constructor(facts: CallFacts, options: { cause: unknown; uncertain: boolean }) {
    super("SITE_ABORTED", `${callName(facts)} was aborted.`, facts, options);
  }
}

/** What somebody else said, as the end of a sentence of ours. */
export function clause(text: string): string {
  return text.trim().replace(/\.+$/, "");
}

/** `find EventLogEntry` or `update Shot 862`, for messages. */
export function callName({
  method,
  entityType,
  entityId,
}: Pick<CallFacts, "method" | "entityType" | "entityId">): string {
  return [method, entityType, entityType === null ? null : entityId]
    .filter((word) => word !== null)
    .join(" ");
}
