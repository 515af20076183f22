/** What is said when a daemon was asked, and no answer came. */
import { CallsheetError } from "../../errors.ts";

/** Of undici and the system: the connection was there, and the question on its way. */
const SENT = new Set([
  ...["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "UND_ERR_SOCKET"],
  ...["ECONNRESET", "EPIPE"],
]);

/** @param thrown by `fetch`, or while the answer was read */
export function noAnswer(url: string, method = "GET", thrown: unknown): CallsheetError {
  const { cause } = thrown as { cause?: { code?: string } };
  if (!SENT.has(cause?.code ?? ""))
    return new CallsheetError("DAEMON_NOT_RUNNING", `No daemon answers at ${url}.`, {
      hint: "It may have been stopped this moment, or the address is another.",
      cause: thrown,
    });
  if (method === "GET")
    return new CallsheetError("DAEMON_NOT_RUNNING", `The daemon at ${url} was asked, and did not answer.`, {
      hint: "It may have ended this moment: callsheet doctor",
      cause: thrown,
    });
  return new CallsheetError(
    "COMMAND_UNANSWERED",
    `The daemon at ${url} got the command and did not answer: it is not known whether it is done.`,
    { hint: "See how things stand with: callsheet status", cause: thrown },
  );
}
