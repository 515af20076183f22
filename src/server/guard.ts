/**
 * Who may ask. A page from elsewhere must not reach the daemon through somebody's browser: requests that name another origin, or ask
 * for the server by a name that is not its own (DNS rebinding), are refused, and changes need a header that such a page
 * cannot send. With a token configured every request but the health checks has to show it.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { hostname } from "node:os";
import type { FastifyRequest } from "fastify";
import { CallsheetError } from "../errors.ts";
import { ICON_ROUTES, isForPeople, PAGE_ROUTES } from "./page.ts";

export interface GuardOptions {
  /** Address that is listened on. */
  host: string;
  /** Further names of this server. */
  names: readonly string[];
  /** What requests have to show; null: nothing, on a loopback address. */
  token: string | null;
  /** Made anew at each start, for programs that can read the state folder. */
  runToken: string;
}

/** The header that changes need; any value. */
export const CHANGE_HEADER = "x-callsheet";
/** The cookie in which a browser keeps the token. */
export const COOKIE = "callsheet_token";
/** Routes that anybody may ask for. */
const OPEN = new Set(["/healthz", "/readyz"]);
/** Routes that a browser needs before it has a token: the page and its files, and the way to log in. All others are closed. */
const PUBLIC = new Set([...PAGE_ROUTES, ...ICON_ROUTES, "/assets/*", "/api/v1/session"]);
/** It has a proof of its own. */
const DOORBELL = "/webhooks/fpt";

export class Guard {
  readonly #names: ReadonlySet<string>;
  readonly #token: string | null;
  readonly #runToken: string;

  constructor({ host, names, token, runToken }: GuardOptions) {
    const own = ["localhost", host, hostname(), ...names];
    this.#names = new Set(own.map((name) => name.toLowerCase()));
    this.#token = token;
    this.#runToken = runToken;
  }

  /** @throws CallsheetError REQUEST_REFUSED */
  check(request: FastifyRequest): void {
    // the route that was found, never the address: that may be written in many ways
    const { url: route = "" } = request.routeOptions;
    if (route === DOORBELL) return;
    this.#checkHost(request);
    this.#checkOrigin(request);
    if (OPEN.has(route)) return;
    const shown = tokenOf(request);
    const proven = shown !== null && this.isToken(shown);
    // a browser that was sent to where there is nothing gets the page, as from anywhere
    const isPublic = PUBLIC.has(route) || (route === "" && isForPeople(request));
    if (this.#token !== null && !proven && !isPublic) throw unauthorized();
    // where there is nothing, nothing can be changed: it is not found
    const changes = route !== "" && isChange(request);
    if (changes && request.headers[CHANGE_HEADER] === undefined && !isBearer(request)) {
      throw refused(`A change needs the header ${CHANGE_HEADER}, which no page from elsewhere can send.`);
    }
    if (shown !== null && !proven && isBearer(request)) throw unauthorized();
  }

  /** In constant time. */
  isToken(shown: string): boolean {
    return isSame(shown, this.#runToken) || (this.#token !== null && isSame(shown, this.#token));
  }

  /** Whether a browser has to show a token. */
  get needsToken(): boolean {
    return this.#token !== null;
  }

  /** An address cannot be rebound; a name can. */
  #checkHost({ headers }: FastifyRequest): void {
    const name = hostName(headers.host ?? "");
    if (name === null) throw refused("The request does not say whom it is for (header Host).");
    if (isIP(name) !== 0 || this.#names.has(name)) return;
    throw refused(`This server does not know itself as ${JSON.stringify(name)}.`, {
      hint: "Add the name to server.names in the configuration, if it is one of its own.",
    });
  }

  #checkOrigin({ headers }: FastifyRequest): void {
    const { origin, host } = headers;
    // "same-site" is another port of this machine, too
    const { "sec-fetch-site": from = "none", "sec-fetch-mode": how } = headers;
    if (from !== "same-origin" && from !== "none" && how !== "navigate")
      throw refused("Another site's page asks.");
    if (origin === undefined) return;
    const url = URL.parse(origin);
    if (url?.host.toLowerCase() !== withoutDefaultPort(host ?? "", url?.protocol))
      throw refused(`The page ${JSON.stringify(origin.slice(0, 200))} may not ask.`);
  }
}

function isChange({ method }: FastifyRequest): boolean {
  return method !== "GET" && method !== "HEAD" && method !== "OPTIONS";
}

function isBearer({ headers }: FastifyRequest): boolean {
  return headers.authorization !== undefined;
}

function tokenOf({ headers }: FastifyRequest): string | null {
  const bearer = /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? "")?.[1];
  if (headers.authorization !== undefined) return bearer ?? "";
  for (const part of (headers.cookie ?? "").split(";")) {
    const [name, value = ""] = part.trim().split("=", 2);
    if (name === COOKIE) return URL.canParse(`x:${value}`) ? safeDecode(value) : "";
  }
  return null;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** Hashed first: texts of different lengths compare in the same time too. */
export function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** `[::1]:80` → `::1`; null when it cannot be a host. */
function hostName(host: string): string | null {
  const url = URL.parse(`http://${host}`);
  if (!url || host === "" || /[/?#@\\]/.test(host)) return null;
  return url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
}

function withoutDefaultPort(host: string, protocol = "http:"): string {
  return host.toLowerCase().replace(protocol === "https:" ? /:443$/ : /:80$/, "");
}

function refused(message: string, options: { hint?: string } = {}): CallsheetError {
  return new CallsheetError("REQUEST_REFUSED", message, options);
}

/** Told with status 401. */
export class Unauthorized extends CallsheetError {}

function unauthorized(): Unauthorized {
  return new Unauthorized("REQUEST_REFUSED", "The request does not show the right token.", {
    hint: "Send the header Authorization: Bearer with the token that the configuration calls server.token.",
  });
}
