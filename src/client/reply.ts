/** From the bytes of a reply to its results, or to the error they mean (protocol notes 1.3, 11). */

import { parseExact } from "../json.ts";
import { isObject } from "./entity.ts";
import {
  AuthenticationFault,
  type CallFacts,
  callName,
  clause,
  Fault,
  MissingTwoFactorAuthenticationFault,
  ProtocolError,
  ReplyError,
  UserCredentialsNotAllowedForOxygenAuthenticationFault,
  UserCredentialsNotAllowedForSSOAuthenticationFault,
} from "./errors.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { WireReply } from "./transport.ts";

export interface ReplyContext {
  facts: CallFacts & { status: number };
  /** True when the call changes something, so that a lost answer leaves doubt. */
  write: boolean;
  /** True: a reply in another form than JSON is returned as its bytes. */
  raw?: boolean | undefined;
  /** Takes secrets out of text that came from outside. */
  hide: (text: string) => string;
}

/**
 * What the site answered: the `results` of its JSON object, or the whole JSON when it has none.
 * @throws Fault, ProtocolError, ReplyError
 */
export function readReply(reply: WireReply, context: ReplyContext): unknown {
  if (reply.status >= 300) throw statusError(reply, context);
  const json = parseBody(reply, context);
  if (!isObject(json) || json instanceof Uint8Array) return json;
  if (json.exception) throw fault(json, context);
  return "results" in json ? json.results : json;
}

function parseBody(reply: WireReply, context: ReplyContext): unknown {
  const type = reply.headers["content-type"];
  if (type !== undefined && !/^(application\/json|text\/javascript)/i.test(type)) {
    if (context.raw && !/html/i.test(type)) return reply.body;
    throw notUnderstood("instead of JSON", reply, context);
  }
  try {
    return parseExact(new TextDecoder("utf-8", { fatal: true }).decode(reply.body));
  } catch (error) {
    const why = error instanceof SyntaxError ? "that is not valid JSON" : "that is not valid UTF-8";
    throw notUnderstood(why, reply, context);
  }
}

function notUnderstood(why: string, reply: WireReply, { facts, write, hide }: ReplyContext): ReplyError {
  const type = reply.headers["content-type"] ?? "no content type";
  const html = /html/i.test(type);
  const message =
    `The site answered ${callName(facts)} with HTTP ${reply.status} and ${hide(type)} ${why}; ` +
    `${reply.body.length} bytes arrived, beginning with ${JSON.stringify(hide(start(reply.body)))}.`;
  const hint = html
    ? "A web page came back: check that the url is the site's own, and that no log-in page or proxy is in between."
    : "The reply may have been cut short or changed on its way.";
  return new ReplyError(message, facts, { hint, uncertain: write && !html });
}

function start(body: Uint8Array): string {
  return new TextDecoder().decode(body.subarray(0, 200)).trim().slice(0, 80);
}

function statusError(reply: WireReply, { facts, write, hide }: ReplyContext): ProtocolError {
  const { status } = reply;
  const statusText = hide(reply.statusText);
  const said = status === 403 ? clause(start(reply.body)) : "";
  const message =
    `The site answered ${callName(facts)} with HTTP ${status}${statusText ? ` ${statusText}` : ""}` +
    `${said ? `: ${hide(said)}` : ""}.`;
  const hint = statusHint(reply, hide);
  return new ProtocolError(message, facts, {
    statusText,
    retryAfterMs: retryAfterMs(reply.headers["retry-after"]),
    // A gateway that gave up on the site does not know what the site did with the request.
    uncertain: write && status >= 500 && status !== 503,
    ...(hint === undefined ? {} : { hint }),
  });
}

function statusHint(reply: WireReply, hide: (text: string) => string): string | undefined {
  const { location } = reply.headers;
  if (reply.status < 400 && location !== undefined) {
    return `It points to ${JSON.stringify(hide(location))}; set the url to where the site is.`;
  }
  if (reply.status === 503) return "The site is down for maintenance or too busy; try again later.";
  if (reply.status === 429) return "The site asks for fewer requests.";
  if (reply.status === 404) return "Check the url of the site.";
  return undefined;
}

/** Fault classes by code, with the text for a fault that comes without one. */
const FAULTS: Record<number, { make: typeof AuthenticationFault; text: string }> = {
  102: { make: AuthenticationFault, text: "Unknown Authentication Error" },
  106: { make: MissingTwoFactorAuthenticationFault, text: "Unknown 2FA Authentication Error" },
  108: {
    make: UserCredentialsNotAllowedForSSOAuthenticationFault,
    text: "Authentication by login and password is not allowed on a site with single sign-on",
  },
  110: {
    make: UserCredentialsNotAllowedForOxygenAuthenticationFault,
    text: "Authentication by login and password is not allowed on a site with Autodesk Identity",
  },
};

function fault(json: Record<string, unknown>, { facts, hide }: ReplyContext): Fault {
  const code = typeof json.error_code === "number" ? json.error_code : null;
  const known = code === null ? undefined : FAULTS[code];
  const said = typeof json.message === "string" ? hide(json.message) : "";
  const text = said.trim() === "" ? (known?.text ?? "Unknown Error") : said;
  return known ? new known.make(text, code, facts) : new Fault(text, code, facts);
}
