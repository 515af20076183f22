/** Failures as the server tells them: one sentence with a code, never a stack. */
import type { FastifyError } from "fastify";
import type { z } from "zod";
import { asError, CallsheetError, type ErrorCode } from "../errors.ts";

export interface Problem {
  status: number;
  error: { code: ErrorCode; message: string; hint: string | null };
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  REQUEST_INVALID: 400,
  REQUEST_REFUSED: 403,
  NOT_FOUND: 404,
  PLUGIN_UNKNOWN: 404,
  EVENT_UNKNOWN: 404,
  REPLAY_UNKNOWN: 404,
  NOT_POSSIBLE_NOW: 409,
  STATE_FULL: 503,
  STATE_UNUSABLE: 503,
  COMMAND_UNANSWERED: 504,
};

/** `internal`: a bug, to be logged with its stack. */
export function problemOf(thrown: unknown): Problem & { internal: Error | null } {
  const error = asError(thrown);
  if (error instanceof CallsheetError) {
    const status = STATUS[error.code] ?? (error.code.startsWith("SITE_") ? 502 : 500);
    const told = { code: error.code, message: error.message, hint: error.hint ?? null };
    return { status, error: told, internal: null };
  }
  const { statusCode = 500 } = error as Partial<FastifyError>;
  if (statusCode < 500) {
    const message = sentence(error.message);
    return { status: statusCode, error: { code: "REQUEST_INVALID", message, hint: null }, internal: null };
  }
  const message = "The server met a mistake of its own; its log says more.";
  return { status: 500, error: { code: "INTERNAL", message, hint: null }, internal: error };
}

/** Every issue of a request in one sentence. */
export function invalidRequest(part: string, { issues }: z.ZodError): CallsheetError {
  const told = issues.map(({ path, message, code, ...rest }) => {
    const where = path.map(String).join(".");
    if (code === "unrecognized_keys")
      return `${(rest as unknown as { keys: string[] }).keys.join(", ")}: not known`;
    return where ? `${where} ${plain(message)}` : lower(message);
  });
  return new CallsheetError("REQUEST_INVALID", `The ${part} cannot be used: ${told.join("; ")}.`, {
    hint: "GET /api/v1/openapi.json describes every request.",
  });
}

/** In the words of a person who reads of it. */
function plain(message: string): string {
  const types = /^Invalid input: expected (.+), received (.+)$/.exec(message);
  if (!types) return `is wrong: ${lower(message)}`;
  return types[2] === "undefined" ? "is missing" : `must be a ${types[1]}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
