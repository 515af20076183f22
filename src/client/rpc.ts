/** One call of the site: request, reply, attempts. Knows the protocol, not the methods. */
import { setTimeout as sleep } from "node:timers/promises";
import { interruptible } from "./abort.ts";
import { AbortedError, type CallFacts, callName, clause, ShotgunError, UnreachableError } from "./errors.ts";
import { readReply } from "./reply.ts";
import { Retries, type RetryPolicy } from "./retry.ts";
import {
  type SendOptions,
  type Transport,
  TransportError,
  type TransportFailure,
  type WireReply,
  type WireRequest,
} from "./transport.ts";
import { inboundDates } from "./values.ts";

/** A call ready to be sent. */
export interface RpcCall {
  /** The client's method, for messages. */
  method: string;
  entityType: string | null;
  entityId: number | null;
  /** The site's method: `read`, `create`, … */
  wireMethod: string;
  /** Credentials and payload, ready for `JSON.stringify`. */
  params: readonly unknown[];
  /** True when the call changes something on the site. */
  write: boolean;
  signal: AbortSignal | undefined;
  /** True when a reply in another form than JSON is what is wanted; its bytes are the results then. */
  raw?: boolean;
}

export interface RpcSettings {
  endpoint: string;
  /** Of every request; the user agent may change between calls. */
  headers(): Record<string, string>;
  /** Scheme and host, for messages. */
  site: string;
  timeoutMs: number;
  retry: RetryPolicy;
  pause: Pause;
  /** True: date_time texts of replies become `Date`s. */
  dates: boolean;
  /** Takes secrets out of text that came from outside. */
  hide: (text: string) => string;
  /** Gives the transport, opening it when needed. */
  transport: () => Promise<Transport>;
}

/** Waits; rejects with whatever when the signal fires. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>;

export const pauseByTimer: Pause = async (ms, signal) => {
  await sleep(ms, undefined, signal ? { signal } : {});
};

/** What the site answered, dates converted, and what is known about the call. */
export interface Answer {
  results: unknown;
  facts: CallFacts;
}

/**
 * Sends a call until it is answered, fails for good, or is aborted.
 * @throws ShotgunError
 */
export async function callSite(call: RpcCall, settings: RpcSettings): Promise<Answer> {
  const retries = new Retries(settings.retry, call.write);
  const request: WireRequest = {
    url: settings.endpoint,
    method: "POST",
    headers: settings.headers(),
    body: JSON.stringify({ method_name: call.wireMethod, params: call.params }),
  };
  for (let attempts = 1; ; attempts++) {
    try {
      const { results, facts } = await attempt(call, request, attempts, settings);
      return { results: settings.dates ? inboundDates(results) : results, facts };
    } catch (error) {
      const pause = error instanceof ShotgunError ? retries.pauseAfter(error) : null;
      if (pause === null) throw error;
      if (pause === 0) continue;
      await rest(pause, call, attempts, settings);
    }
  }
}

async function attempt(
  call: RpcCall,
  request: WireRequest,
  attempts: number,
  settings: RpcSettings,
): Promise<Answer> {
  const reply = await deliver(call, attempts, settings, (transport, options) =>
    transport.send(request, options),
  );
  const facts = answeredFacts(call, attempts, reply);
  return {
    results: readReply(reply, { facts, write: call.write, hide: settings.hide, raw: call.raw }),
    facts,
  };
}

/** What a call needs to be told apart in errors, whatever it sends. */
export type Errand = Pick<RpcCall, "method" | "entityType" | "entityId" | "write" | "signal">;

/**
 * One request on its way, whatever its form; how it broke is told as an error of the client.
 * @throws UnreachableError, AbortedError
 */
export async function deliver<Reply>(
  call: Errand,
  attempts: number,
  settings: RpcSettings,
  send: (transport: Transport, options: SendOptions) => Promise<Reply>,
): Promise<Reply> {
  if (call.signal?.aborted) throw aborted(call, attempts - 1);
  const transport = await settings.transport();
  const options = { signal: call.signal, timeoutMs: settings.timeoutMs };
  try {
    return await interruptible(send(transport, options), call.signal, () => aborted(call, attempts));
  } catch (error) {
    throw broken(error, call, attempts, settings);
  }
}

/** Pauses before the next attempt. */
export function rest(ms: number, call: Errand, attempts: number, settings: RpcSettings): Promise<void> {
  return interruptible(settings.pause(ms, call.signal), call.signal, () => aborted(call, attempts));
}

/** What a transport threw, as an error of the client. */
export function broken(error: unknown, call: Errand, attempts: number, settings: RpcSettings): unknown {
  if (error instanceof ShotgunError) return error;
  return call.signal?.aborted ? aborted(call, attempts) : unreachable(error, call, attempts, settings);
}

export function answeredFacts(
  call: Errand,
  attempts: number,
  { status, headers }: Pick<WireReply, "status" | "headers">,
): CallFacts & { status: number } {
  return { ...factsOf(call, attempts), status, requestId: headers["x-request-id"] ?? null };
}

function aborted(call: Errand, attempts: number): AbortedError {
  return new AbortedError(factsOf(call, attempts), {
    cause: call.signal?.reason,
    uncertain: call.write && attempts > 0,
  });
}

function factsOf({ method, entityType, entityId }: Errand, attempts: number): CallFacts {
  return { method, entityType, entityId, status: null, attempts, requestId: null };
}

/** Failures after which the site may have done the work. */
const UNCERTAIN = new Set<TransportFailure>(["timeout", "closed", "cut", "malformed", "other"]);

const HINTS: Partial<Record<TransportFailure, string>> = {
  refused: "Check the url, and that the site is up.",
  "unknown-host": "Check the host name in the url, and the network.",
  proxy: "Check httpProxy.",
  file: "Leave files as they are until they are uploaded.",
  tls: "If the site's certificate comes from your own authority, give its file as caCerts.",
};

function unreachable(
  thrown: unknown,
  call: Errand,
  attempts: number,
  settings: RpcSettings,
): UnreachableError {
  const said = clause(settings.hide(thrown instanceof Error ? thrown.message : String(thrown)));
  const failure = thrown instanceof TransportError ? thrown.failure : "other";
  const facts = factsOf(call, attempts);
  const hint = HINTS[failure];
  const what =
    failure === "file"
      ? `${callName(facts)} was given up`
      : `${settings.site} gave no answer to ${callName(facts)}`;
  return new UnreachableError(`${what}: ${said}.`, failure, facts, {
    uncertain: call.write && UNCERTAIN.has(failure),
    ...(hint === undefined ? {} : { hint }),
  });
}
