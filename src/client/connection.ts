/** What the methods of `Shotgun` stand on: who calls, how calls travel, what the site can do. */
import { AskOnce } from "./abort.ts";
import { BadArgument } from "./argument.ts";
import { AbortedError, ArgumentError, type CallFacts, callName } from "./errors.ts";
import { callHeaders, hider, requireOptions, type ShotgunOptions } from "./options.ts";
import { retryPolicy } from "./retry.ts";
import { type Answer, callSite, pauseByTimer, type RpcSettings } from "./rpc.ts";
import { readSiteInfo, type SiteInfo } from "./site-info.ts";
import { parseSiteUrl } from "./site-url.ts";
import type { Transport } from "./transport.ts";

/** One call of a client method, from its first line to its outcome. */
export interface MethodCall {
  facts: CallFacts;
  signal: AbortSignal | undefined;
  /** Credentials as they were when the method was called. */
  auth: Record<string, string>;
}

export class Connection {
  /** Scheme and host. */
  readonly site: string;
  sessionUuid: string | null;
  readonly #script: { script_name: string; script_key: string };
  readonly #settings: RpcSettings;
  readonly #options: ShotgunOptions;
  readonly #info: AskOnce<SiteInfo>;
  #ownTransport: Promise<Transport> | null = null;

  constructor(url: string, options: ShotgunOptions) {
    const { site, endpoint, authorization } = parseSiteUrl(url);
    requireOptions(options);
    this.site = site;
    this.sessionUuid = options.sessionUuid ?? null;
    this.#script = { script_name: options.scriptName, script_key: options.scriptKey };
    this.#options = options;
    this.#settings = {
      endpoint,
      site,
      headers: callHeaders(options, authorization),
      timeoutMs: options.timeoutMs ?? 60_000,
      retry: retryPolicy(options.retry),
      pause: options.pause ?? pauseByTimer,
      dates: options.dates !== "string",
      hide: hider([options.scriptKey, authorization?.slice("Basic ".length) ?? ""]),
      transport: () => this.#transport(),
    };
    this.#info = new AskOnce((signal) => this.run("info", null, signal, (call) => this.#askInfo(call)));
  }

  /** Runs the body of a method. What it finds wrong with its arguments becomes an ArgumentError. */
  async run<T>(
    method: string,
    entityType: string | null,
    signal: AbortSignal | undefined,
    body: (call: MethodCall) => Promise<T>,
  ): Promise<T> {
    const type = entityType ? this.#settings.hide(String(entityType)) : null;
    const facts = { method, entityType: type, status: null, attempts: 0 };
    const session = this.sessionUuid === null ? {} : { session_uuid: this.sessionUuid };
    try {
      return await body({ facts, signal, auth: { ...this.#script, ...session } });
    } catch (error) {
      if (!(error instanceof BadArgument)) throw error;
      throw new ArgumentError(this.#settings.hide(`${callName(facts)}: ${error.message}.`), facts);
    }
  }

  /** Sends one request that changes nothing. */
  read(call: MethodCall, wireMethod: string, payload?: unknown): Promise<Answer> {
    return this.#send(call, wireMethod, payload, false);
  }

  /** Sends one request that changes something. */
  write(call: MethodCall, wireMethod: string, payload: unknown): Promise<Answer> {
    return this.#send(call, wireMethod, payload, true);
  }

  /** What the site said about itself when it was first asked. */
  info({ facts, signal }: MethodCall): Promise<SiteInfo> {
    return this.#info.get(signal, () => new AbortedError(facts, { cause: signal?.reason, uncertain: false }));
  }

  /** Asks the site about itself now. */
  async freshInfo(call: MethodCall): Promise<SiteInfo> {
    const info = await this.#askInfo(call);
    this.#info.set(info);
    return info;
  }

  async close(): Promise<void> {
    const transport = this.#ownTransport;
    this.#ownTransport = null;
    // One that could not be opened has told so to those who called.
    await transport?.then(
      (opened) => opened.close(),
      () => {},
    );
  }

  #send(call: MethodCall, wireMethod: string, payload: unknown, write: boolean): Promise<Answer> {
    const params = payload === undefined ? [call.auth] : [call.auth, payload];
    const { method, entityType } = call.facts;
    return callSite({ method, entityType, wireMethod, params, write, signal: call.signal }, this.#settings);
  }

  // The one method without credentials.
  async #askInfo({ facts, signal }: MethodCall): Promise<SiteInfo> {
    const call = { ...facts, wireMethod: "info", params: [], write: false, signal };
    const answer = await callSite(call, this.#settings);
    return readSiteInfo(answer.results, answer.facts);
  }

  #transport(): Promise<Transport> {
    if (this.#options.transport) return Promise.resolve(this.#options.transport);
    this.#ownTransport ??= openOwnTransport(this.#options);
    return this.#ownTransport;
  }
}

// Loaded only when needed: a plugin thread brings its own transport and never loads the HTTP library.
async function openOwnTransport({ httpProxy, caCerts }: ShotgunOptions): Promise<Transport> {
  const { openHttpTransport } = await import("./http.ts");
  return openHttpTransport({ httpProxy, caCerts });
}
