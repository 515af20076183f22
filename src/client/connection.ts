/** What the methods of `Shotgun` stand on: who calls, how calls travel, what the site can do. */
import { AskOnce } from "./abort.ts";
import { BadArgument, requireKnown, requireSignal } from "./argument.ts";
import { LOGIN_OPTIONS, type Login, loginParams, readLogin, secretsOf } from "./credentials.ts";
import { isObject } from "./entity.ts";
import { AbortedError, ArgumentError, type CallFacts, callName, ReplyError } from "./errors.ts";
import { optionsOf } from "./method-options.ts";
import { requireConnectionOptions } from "./option-checks.ts";
import { type CallOptions, callHeaders, hider, type ShotgunOptions, userAgent } from "./options.ts";
import { retryPolicy } from "./retry.ts";
import { type Answer, callSite, pauseByTimer, type RpcSettings } from "./rpc.ts";
import { type FieldsSchema, readSchema } from "./schema.ts";
import { SchemaDates } from "./schema-dates.ts";
import { shareTransport } from "./shared-transport.ts";
import { isAtLeast, readSiteInfo, requireVersion, type SiteInfo } from "./site-info.ts";
import { parseSiteUrl } from "./site-url.ts";
import { traced } from "./trace.ts";
import type { Transport } from "./transport.ts";

/** Credentials and what else goes with them: the first element of every call's parameters (protocol notes 2.1). */
export type AuthParams = Record<string, string | boolean>;

/** One call of a client method, from its first line to its outcome. */
export interface MethodCall {
  facts: CallFacts;
  signal: AbortSignal | undefined;
  /** As it was when the method was called. */
  sessionUuid: string | null;
}

/** A session that is idle ends, on most sites after a day; one that is asked for when it is needed is never so old. */
const KEEP_SESSION_MS = 3_600_000;

/** What a call is about, for its facts: an entity type, or an entity, whatever it is that was given as one. */
type Subject = string | null | undefined | { type?: unknown; id?: unknown };

export class Connection {
  /** Scheme and host. */
  readonly site: string;
  /** False sends entities with all their keys (protocol notes 5.4). */
  readonly slim: boolean;
  sessionUuid: string | null;
  /** What is appended to the user agent. */
  readonly agents: string[];
  readonly #login: Login;
  readonly #settings: RpcSettings;
  readonly #options: ShotgunOptions;
  readonly #info: AskOnce<SiteInfo>;
  readonly #token: AskOnce<string>;
  readonly #dates: SchemaDates | null;
  readonly #secrets: readonly string[];
  #tokens: readonly string[] = [];
  #shared: Promise<Transport> | null = null;

  constructor(url: string, options: ShotgunOptions) {
    const { site, endpoint, authorization } = parseSiteUrl(url);
    requireConnectionOptions(options, LOGIN_OPTIONS);
    this.#login = readLogin(options);
    this.site = site;
    this.slim = options.slimEntities ?? true;
    this.sessionUuid = options.sessionUuid ?? null;
    this.agents = [...(options.userAgent ?? [])];
    this.#options = options;
    this.#secrets = [...secretsOf(this.#login), authorization?.slice("Basic ".length) ?? ""];
    const headers = callHeaders(options, authorization);
    this.#settings = {
      endpoint,
      site,
      headers: () => ({ ...headers, "user-agent": userAgent(this.agents) }),
      timeoutMs: options.timeoutMs ?? 60_000,
      retry: retryPolicy(options.retry),
      pause: options.pause ?? pauseByTimer,
      dates: (options.dates ?? "date") === "date",
      hide: this.#hider(),
      transport: () => this.#transport(),
    };
    this.#dates =
      options.dates === "schema" ? new SchemaDates((...asked) => this.#askFields(...asked)) : null;
    this.#info = new AskOnce((signal) => this.run("info", null, { signal }, (call) => this.#askInfo(call)));
    this.#token = new AskOnce(
      (signal) => this.run("getSessionToken", null, { signal }, (call) => this.#askToken(call)),
      // A code of the second factor opens no second session.
      this.#login.kind === "user" && this.#login.authToken !== null ? undefined : KEEP_SESSION_MS,
    );
  }

  /** What requests of another form than calls need. */
  get settings(): RpcSettings {
    return this.#settings;
  }

  /** The script, when the connection is one's. */
  get scriptName(): string | null {
    return this.#login.kind === "script" ? this.#login.name : null;
  }

  /** The login of whoever is acting, when it is a person: the one of `sudoAsLogin`, or the connection's own. */
  get actingLogin(): string | null {
    return this.#options.sudoAsLogin ?? (this.#login.kind === "user" ? this.#login.login : null);
  }

  /** Runs the body of a method. What it finds wrong with its arguments becomes an ArgumentError. */
  async run<T>(
    method: string,
    about: Subject,
    options: CallOptions,
    body: (call: MethodCall) => Promise<T>,
  ): Promise<T> {
    const { type, id } = isObject(about) ? about : { type: about };
    const entityType = type ? this.#settings.hide(String(type)) : null;
    const entityId = Number.isSafeInteger(id) ? (id as number) : null;
    const facts: CallFacts = { method, entityType, entityId, status: null, attempts: 0, requestId: null };
    const call = { facts, signal: options?.signal, sessionUuid: this.sessionUuid };
    return traced(facts, this.site, async () => {
      try {
        requireKnown(options, optionsOf(method), `option of ${method}`);
        requireSignal(options.signal);
        return await body(call);
      } catch (error) {
        if (!(error instanceof BadArgument)) throw error;
        throw new ArgumentError(this.#settings.hide(`${callName(facts)}: ${error.message}.`), facts);
      }
    });
  }

  /** Sends one request that changes nothing. */
  read(call: MethodCall, wireMethod: string, payload?: unknown, options: CallForm = {}): Promise<Answer> {
    return this.#send(call, wireMethod, payload, { ...options, write: false });
  }

  /** Sends one request that changes something. */
  write(call: MethodCall, wireMethod: string, payload?: unknown): Promise<Answer> {
    return this.#send(call, wireMethod, payload, { write: true });
  }

  /** What the site said about itself when it was first asked. */
  info(call: MethodCall): Promise<SiteInfo> {
    return this.#info.get(call.signal, () => abortedError(call));
  }

  /** Asks the site about itself now. */
  async freshInfo(call: MethodCall): Promise<SiteInfo> {
    const info = await this.#askInfo(call);
    this.#info.set(info);
    return info;
  }

  /** @throws SiteTooOldError when the site is older than `needed` */
  async require(call: MethodCall, needed: readonly [number, number, number], feature: string): Promise<void> {
    requireVersion(await this.info(call), needed, feature, call.facts);
  }

  /** The session's token: the one given, or one that the site gives for the credentials, once. */
  async sessionToken(call: MethodCall): Promise<string> {
    if (this.#login.kind === "session") return this.#login.token;
    return this.#token.get(call.signal, () => abortedError(call));
  }

  /** @param login another's than the connection's */
  async auth(call: MethodCall, login?: Login): Promise<AuthParams> {
    const { sudoAsLogin, extraAuthParams } = this.#options;
    if (sudoAsLogin !== undefined) await this.require(call, [5, 3, 12], "sudoAsLogin");
    return {
      ...(await this.#who(call, login ?? this.#login, login !== undefined)),
      ...(call.sessionUuid === null ? {} : { session_uuid: call.sessionUuid }),
      ...(sudoAsLogin === undefined || login ? {} : { sudo_as_login: sudoAsLogin }),
      ...extraAuthParams,
    };
  }

  async close(): Promise<void> {
    const transport = this.#shared;
    this.#shared = null;
    // One that could not be opened has told so to those who called.
    await transport?.then(
      (opened) => opened.close(),
      () => {},
    );
  }

  // A code of the second factor is good for one call only, so what it opened is used from then on.
  async #who(call: MethodCall, login: Login, foreign: boolean): Promise<AuthParams> {
    if (login.kind === "script" || (login.kind === "user" && (login.authToken === null || foreign))) {
      return loginParams(login);
    }
    const info = await this.info(call);
    requireVersion(info, [5, 3, 0], "a session token", call.facts);
    const token = await this.sessionToken(call);
    const params = loginParams({ kind: "session", token });
    return isAtLeast(info, [5, 4, 4]) ? { ...params, reject_if_expired: true } : params;
  }

  async #send(call: MethodCall, wireMethod: string, payload: unknown, form: CallForm & { write: boolean }) {
    const auth = await this.auth(call, form.login);
    const params = payload === undefined ? [auth] : [auth, payload];
    const { method, entityType, entityId } = call.facts;
    const hide = form.login ? hider(secretsOf(form.login)) : (text: string) => text;
    const { write, raw = false } = form;
    const answer = await callSite(
      { method, entityType, entityId, wireMethod, params, write, raw, signal: call.signal },
      { ...this.#settings, hide: (text) => hide(this.#settings.hide(text)) },
    );
    // For the span, which sees only the call.
    Object.assign(call.facts, answer.facts);
    await this.#dates?.convert(wireMethod, answer.results, call.signal, () => abortedError(call));
    return answer;
  }

  #askFields(type: string, signal: AbortSignal): Promise<FieldsSchema> {
    return this.run("schemaFieldRead", type, { signal }, async (call) => {
      return readSchema(
        await this.#send(call, "schema_field_read", { type }, { write: false }),
      ) as FieldsSchema;
    });
  }

  // The one method without credentials.
  async #askInfo({ facts, signal }: MethodCall): Promise<SiteInfo> {
    const call = { ...facts, wireMethod: "info", params: [], write: false, signal };
    const answer = await callSite(call, this.#settings);
    return readSiteInfo(answer.results, answer.facts);
  }

  async #askToken(call: MethodCall): Promise<string> {
    const params = [{ ...loginParams(this.#login), ...this.#options.extraAuthParams }];
    const wireMethod = "get_session_token";
    const asked = { ...call.facts, wireMethod, params, write: false, signal: call.signal };
    const answer = await callSite(asked, this.#settings);
    const token = (answer.results as { session_id?: unknown } | null)?.session_id;
    if (typeof token !== "string" || token === "") {
      throw new ReplyError("The site answered getSessionToken without a session.", answer.facts);
    }
    this.#settings.hide = this.#hider(token);
    return token;
  }

  /** @param token of a session that the site gave; the one before may still be on its way */
  #hider(...token: string[]): (text: string) => string {
    this.#tokens = [...token, ...this.#tokens].slice(0, 2);
    return hider([...this.#secrets, ...this.#tokens]);
  }

  #transport(): Promise<Transport> {
    if (this.#options.transport) return Promise.resolve(this.#options.transport);
    this.#shared ??= shareTransport(this.#options);
    return this.#shared;
  }
}

/** How a call differs from the usual one. */
interface CallForm {
  /** Credentials of another. */
  login?: Login;
  /** True when a reply that is not JSON is what is wanted. */
  raw?: boolean;
}

/** That a call was ended by its signal while nothing was under way. */
export function abortedError({ facts, signal }: MethodCall): AbortedError {
  return new AbortedError(facts, { cause: signal?.reason, uncertain: false });
}
