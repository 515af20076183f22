/** How a connection to a site is set up. */
import type { Credentials } from "./credentials.ts";
import type { RetryOptions } from "./retry.ts";
import type { Pause } from "./rpc.ts";
import type { Transport } from "./transport.ts";

/** Exactly one kind of credentials, and how to connect. */
export type ShotgunOptions = Credentials & ConnectionOptions;

export interface ConnectionOptions {
  /**
   * Login of a person in whose name everything is done; the credentials need the right to impersonate. That person
   * becomes `created_by`, `updated_by` and the events' `user`.
   */
  sudoAsLogin?: string | undefined;
  /** Sent with the credentials of every call, such as `{ product: "rv" }`. */
  extraAuthParams?: Readonly<Record<string, string>> | undefined;
  /** `[user:password@]host[:port]` of an HTTP proxy, port 8080 by default. Default: none; the environment is not looked at. */
  httpProxy?: string | undefined;
  /** Path of a PEM file with the certificate authorities to trust. Default: Node's own list. */
  caCerts?: string | undefined;
  /** Longest wait for one reply, milliseconds; where files travel, longest wait for their next piece. Default 60,000. */
  timeoutMs?: number | undefined;
  /**
   * How requests travel. Default: an HTTP transport that all connections of the process with the same proxy and
   * certificates share, opened on the first call. A given one is never closed here.
   */
  transport?: Transport | undefined;
  /** Text the site copies into every event that this connection causes. Default: none. */
  sessionUuid?: string | null | undefined;
  /**
   * What texts like "2026-11-01T08:00:00Z" in replies become. "date", the default: a `Date`, whatever field they stand in, as with
   * the official client; so does a note of just these characters. "schema": a `Date` in the `date_time` fields of records,
   * for which the schema of an entity type is read once. "string": they stay texts.
   */
  dates?: "date" | "schema" | "string" | undefined;
  /** When requests are sent again. */
  retry?: RetryOptions | undefined;
  /** Waits before a request is sent again. Default: a timer. */
  pause?: Pause | undefined;
  /** Added to the user agent, such as `["my-tool 1.2"]`. */
  userAgent?: readonly string[] | undefined;
  /** False sends entities in filters and `update` with all their keys (protocol notes 5.4). Default true. */
  slimEntities?: boolean | undefined;
  /** True asks for schema labels in the language of the site. Default false. */
  localized?: boolean | undefined;
}

/** For methods that take nothing else. */
export interface CallOptions {
  /** Ends the call at once, also while it waits to try again, with SITE_ABORTED. */
  signal?: AbortSignal | undefined;
}

const SYSTEMS: Partial<Record<NodeJS.Platform, string>> = { linux: "Linux", darwin: "Mac", win32: "Windows" };

/** Headers of every call (protocol notes 1.2). */
export function callHeaders(
  options: ConnectionOptions,
  authorization: string | null,
): Record<string, string> {
  return {
    "content-type": "application/json; charset=utf-8",
    connection: "keep-alive",
    "accept-encoding": "gzip, deflate",
    ...(authorization === null ? {} : { authorization }),
    ...(options.localized ? { locale: "auto" } : {}),
  };
}

/** The user agent of every request. */
export function userAgent(additions: readonly string[]): string {
  const system = SYSTEMS[process.platform] ?? "Unknown";
  return [`callsheet-json; Node ${process.versions.node} (${system})`, ...additions].join("; ");
}

/** A function that takes every given secret, as it is or as JSON and URLs would write it, out of a text. */
export function hider(secrets: readonly string[]): (text: string) => string {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret === "") continue;
    for (const form of [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret.toWellFormed()),
    ])
      forms.add(form);
  }
  return (text) => {
    let hidden = text;
    for (const form of forms) hidden = hidden.replaceAll(form, "[hidden]");
    return hidden;
  };
}
