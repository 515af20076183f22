/** Opens a sandbox: a whole FPT site in this process, with an HTTP server in front of it. */
import { randomBytes } from "node:crypto";
import { CallsheetError } from "../errors.ts";
import { Faults } from "./faults.ts";
import { PageDesk } from "./page/desk.ts";
import type { SchemaReply } from "./schema/studio-schema.ts";
import { ControlDesk } from "./server/control.ts";
import type { GzipPolicy } from "./server/exchange.ts";
import { Listener } from "./server/listener.ts";
import { Requests } from "./server/requests.ts";
import { handlerFor } from "./server/serve.ts";
import { defaultSettings, type Settings } from "./settings.ts";
import { Site, SiteFault, type SiteOptions } from "./site.ts";
import type { SeedScript, SeedUser } from "./store/seeds.ts";
import { seedFeatureFilm } from "./studio/film/film.ts";
import { seedSmallStudio } from "./studio/seed.ts";
import type { WebhooksOptions } from "./webhooks/webhooks.ts";
import { Webhooks } from "./webhooks/webhooks.ts";

export interface SandboxOptions {
  /** Default 0: any free port. */
  port?: number;
  /** Address to listen on. Default 127.0.0.1. */
  host?: string;
  /** Path of a SQLite file that keeps the site, or ":memory:" (default). */
  storage?: string;
  /** Scripts that may log in; the first is `sandbox.scriptName`. Default: one named "callsheet" with a random key. */
  scripts?: SeedScript[];
  /** People who may log in; the first is `sandbox.login`. Default: one with the login "producer" and a random password. */
  users?: SeedUser[];
  /** A studio's own schema, put over that of a fresh site: what `schemaRead` of its site answers. */
  schema?: SchemaReply;
  /** What is in it: "none" (default) = as a fresh site, "small" = a studio at work, "feature-film" = 2,000 shots, 40,000
   * tasks and a million events. A file that has it already keeps it. */
  studio?: "none" | "small" | "feature-film";
  /** As `info` says it: with "saml2" and "oxygen" people cannot log in with a password. Default "default". */
  authentication?: Settings["authentication"];
  /** "cloud": clients put files into an S3-like storage of the sandbox. Default "direct": they post them to the site. */
  uploads?: Settings["uploads"];
  /** How long a thumbnail reads as a transient one after its upload, in milliseconds. Default 3000. */
  thumbnailMs?: number;
  /** When replies are compressed, for clients that accept it. Default "remote": 8 kB and more, not to this machine. */
  gzip?: GzipPolicy;
  /** The site's clock. Default: the real one. */
  now?: () => Date;
  /** Where webhooks may deliver to, and their limits. Default: this machine only, and a site's own limits. */
  webhooks?: WebhooksOptions;
}

export interface Sandbox extends AsyncDisposable {
  /** For example `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly scriptName: string;
  readonly scriptKey: string;
  readonly login: string;
  readonly password: string;
  /** The site itself, for calls and event controls without HTTP. */
  readonly site: Site;
  readonly faults: Faults;
  readonly requests: Requests;
  readonly webhooks: Webhooks;
  /** Resets every connection and refuses new ones until `plugIn`. */
  unplug(): Promise<void>;
  /** Listens again, on the same port. */
  plugIn(): Promise<void>;
  /** Ends it; requests in hand are cut off. May be called twice. */
  close(): Promise<void>;
}

/**
 * Resolves once the site answers.
 * @throws CallsheetError PORT_IN_USE; USAGE for an address that cannot be listened on, or a file that cannot hold a site
 */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, host = "127.0.0.1", storage = ":memory:", studio = "none", gzip = "remote" } = options;
  const scripts = options.scripts ?? [{ name: "callsheet", key: secret() }];
  const users = options.users ?? [{ login: "producer", password: secret(), name: "Sandbox Producer" }];
  const [script] = scripts;
  const [user] = users;
  if (!script || !user)
    throw new CallsheetError("USAGE", "A sandbox needs at least one script and one user.");
  const now = options.now ?? (() => new Date());

  const listener = await Listener.open(host, port);
  try {
    const { authentication, uploads, thumbnailMs } = { ...defaultSettings, ...options };
    const settings = { url: listener.url, authentication, uploads, thumbnailMs };
    const { schema } = options;
    const site = openSite({ storage, scripts, users, now, settings, ...(schema && { schema }) });
    fill(site, studio, script, now());
    return new OpenSandbox(listener, site, { script, user, gzip, now, webhooks: options.webhooks ?? {} });
  } catch (error) {
    await listener.close();
    throw error;
  }
}

class OpenSandbox implements Sandbox {
  readonly scriptName: string;
  readonly scriptKey: string;
  readonly login: string;
  readonly password: string;
  readonly site: Site;
  readonly faults: Faults;
  readonly requests = new Requests();
  readonly webhooks: Webhooks;
  readonly #listener: Listener;
  #closed: Promise<void> | undefined;

  constructor(
    listener: Listener,
    site: Site,
    options: {
      script: { name: string; key: string };
      user: { login: string; password: string };
      gzip: GzipPolicy;
      now: () => Date;
      webhooks: WebhooksOptions;
    },
  ) {
    this.scriptName = options.script.name;
    this.scriptKey = options.script.key;
    this.login = options.user.login;
    this.password = options.user.password;
    this.site = site;
    this.faults = new Faults(() => listener.dropIdle());
    this.#listener = listener;
    const { now } = options;
    const login = { script_name: this.scriptName, script_key: this.scriptKey };
    this.webhooks = new Webhooks({ url: listener.url, now, events: site.events }, options.webhooks);
    const { scriptKey, faults, requests, webhooks } = this;
    const desk = new ControlDesk({
      scriptKey,
      faults,
      requests,
      webhooks,
      events: site.events,
      files: site.files,
      settings: site.settings,
      deny: (who, rules) => site.deny(who, rules),
    });
    listener.serve(
      handlerFor({
        answer: (method, params) => site.callJsonAsync(method, params),
        files: site.files,
        control: (exchange) => desk.answer(exchange),
        page: new PageDesk((method, payload) => site.call(method, [login, payload]), listener.url),
        faults,
        requests,
        gzip: options.gzip,
        onBug: (error) => {
          // A transaction that is released after the end finds no database; nobody waits for it any more.
          if (!this.#closed) process.emitWarning(error instanceof Error ? error : String(error));
        },
      }),
    );
  }

  get url(): string {
    return this.#listener.url;
  }

  unplug(): Promise<void> {
    return this.#listener.unplug();
  }

  plugIn(): Promise<void> {
    return this.#listener.plugIn();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.faults.end();
    await this.webhooks.close();
    await this.#listener.close();
    this.site.close();
  }
}

function openSite(options: SiteOptions & { storage: string }): Site {
  try {
    return Site.open(options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SQLITE_ERROR") throw error;
    const { message } = error as Error;
    throw new CallsheetError("USAGE", `The sandbox cannot keep its site in ${options.storage}: ${message}.`, {
      hint: "Give the path of a new file in an existing folder, or of a file that a sandbox made.",
      cause: error,
    });
  }
}

function fill(
  site: Site,
  studio: "none" | "small" | "feature-film",
  script: { name: string; key: string },
  now: Date,
): void {
  try {
    if (studio === "small") fillStudio(site, script, now);
    if (studio === "feature-film") site.fill(seedFeatureFilm);
  } catch (error) {
    if (!(error instanceof SiteFault)) throw error;
    throw new CallsheetError("USAGE", `The ${studio} studio does not fit the schema: ${error.message}`, {
      hint: "Leave the studio out, or the schema.",
      cause: error,
    });
  }
}

function fillStudio(site: Site, script: { name: string; key: string }, now: Date): void {
  seedSmallStudio((method, payload, login) => {
    const sudo = login === undefined ? {} : { sudo_as_login: login };
    return site.call(method, [{ script_name: script.name, script_key: script.key, ...sudo }, payload]);
  }, now);
}

function secret(): string {
  return randomBytes(18).toString("base64url");
}
