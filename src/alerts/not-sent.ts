/** Why a letter did not go, in a sentence with a cure. */
import { asError, CallsheetError } from "../errors.ts";
import type { SendError } from "./sink.ts";

interface Reason {
  message: string;
  hint: string;
  cause?: unknown;
  /** The place works; this letter or receiver is not wanted. */
  refused?: boolean;
  retryAfterMs?: number | undefined;
}

export function notSent({ message, hint, cause, refused, retryAfterMs }: Reason): SendError {
  const error: SendError = new CallsheetError("ALERT_NOT_SENT", message, { hint, cause });
  return Object.assign(error, {
    refused: refused ?? false,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

const CAUSES: [RegExp, string, string][] = [
  [/ECONNREFUSED/, "nothing listens there", "Check name and port, and whether the server is up."],
  [/ENOTFOUND|EAI_AGAIN|EDNS/, "its name is not known", "Check the spelling and the name server."],
  [
    /ETIMEDOUT|ETIMEOUT|TIMEOUT/i,
    "it did not answer in time",
    "Check name and port, and whether a firewall is between.",
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|altnames/i,
    "its certificate is not trusted",
    "Name its authority in caCerts, or, on a network that you trust, set verifyCertificate: false.",
  ],
  [/wrong version|EPROTO|SSL routines/i, "it does not speak TLS there", "Check the port, and tls."],
  [
    /ECONNRESET|EPIPE|ECONNECTION|ESOCKET|closed|UND_ERR_SOCKET/i,
    "it closed the connection",
    "See the server's log.",
  ],
];

/** `[what happened, cure]` of an error of the network. */
export function networkTrouble(thrown: unknown): [string, string] {
  const error = asError(thrown) as NodeJS.ErrnoException;
  const inner = error.cause instanceof Error ? (error.cause as NodeJS.ErrnoException) : null;
  const told = [error.code, error.message, inner?.code, inner?.message].join(" ");
  const known = CAUSES.find(([pattern]) => pattern.test(told));
  return known ? [known[1], known[2]] : [error.message, "See the server's log."];
}
