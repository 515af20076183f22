/** What undici and the operating system threw, told as a `TransportError`. */
import { TransportError, type TransportFailure } from "./transport.ts";

const BY_CODE: Record<string, TransportFailure> = {
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "refused",
  ENETUNREACH: "refused",
  EHOSTDOWN: "refused",
  EADDRNOTAVAIL: "refused",
  ENOTFOUND: "unknown-host",
  EAI_AGAIN: "unknown-host",
  EAI_FAIL: "unknown-host",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  ECONNRESET: "closed",
  EPIPE: "closed",
  UND_ERR_SOCKET: "closed",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "cut",
  UND_ERR_PRX_TLS: "proxy",
  UND_ERR_PRX_CONN: "proxy",
};

const TLS_CODE =
  /^(EPROTO|ERR_SSL|ERR_TLS|CERT_|CRL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|ERROR_IN_C)/;

/** @param began true when the head of the reply had arrived */
export function describeFailure(thrown: unknown, began: boolean): TransportError {
  const { code, message } = facts(thrown);
  return new TransportError(failureOf(code, message, began), message);
}

function failureOf(code: string, message: string, began: boolean): TransportFailure {
  if (TLS_CODE.test(code) || message.includes("before secure TLS connection")) return "tls";
  if (code === "HTTPParserError" || code.startsWith("HPE_")) return began ? "cut" : "malformed";
  if (/proxy response/i.test(message)) return "proxy";
  const failure = BY_CODE[code] ?? "other";
  return began && (failure === "closed" || failure === "other") ? "cut" : failure;
}

// undici hides the system's error one level down, and Node gathers tries of several addresses in an AggregateError.
function facts(thrown: unknown): { code: string; message: string } {
  if (!(thrown instanceof Error)) return { code: "", message: String(thrown) };
  const inner = thrown instanceof AggregateError ? thrown.errors[0] : thrown.cause;
  const code = (thrown as NodeJS.ErrnoException).code;
  if (inner instanceof Error && (code === undefined || thrown instanceof AggregateError)) return facts(inner);
  return { code: code ?? thrown.name, message: thrown.message || code || thrown.name };
}
