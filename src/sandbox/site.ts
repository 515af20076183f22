import { authenticate } from "./auth.ts";
import { type Call, type Caller, type Core, JsonText, wireTime } from "./core.ts";
import { Controls, type EventControls } from "./events/controls.ts";
import { type DrawnIds, Recorder } from "./events/recorder.ts";
import { malformed, refused, SiteFault } from "./fault.ts";
import { SiteFiles } from "./files/site-files.ts";
import { Vault } from "./files/vault.ts";
import { METHODS, type Method } from "./methods.ts";
import { openCore } from "./open-core.ts";
import { schemaFile } from "./schema/file.ts";
import { type SchemaReply, withStudioSchema } from "./schema/studio-schema.ts";
import { defaultSettings, infoOf, type Settings } from "./settings.ts";
import { denyTo, type Seeds, seed, type Who } from "./store/seeds.ts";

export type { EventControls, Reserved } from "./events/controls.ts";
export type { Hold } from "./events/holds.ts";
export { SiteFault } from "./fault.ts";

export interface SiteOptions extends Partial<Seeds> {
  /** A SQLite file that keeps the site, or ":memory:" (default). One process at a time. */
  storage?: string;
  /** The site's clock. Default: the real one. */
  now?: () => Date;
  /** A studio's own schema over that of a fresh site: what `schema_read` of its site answers. */
  schema?: SchemaReply;
  /** Where the site is reached, and ways in which sites differ. */
  settings?: Partial<Settings>;
}

/** A write that has been committed. */
export interface Written {
  /** As on the wire. */
  method: string;
  payload: unknown;
  /** The person on whose behalf; null: a script. */
  login: string | null;
  /** The result as JSON text. */
  result: string;
}

/** A Flow Production Tracking site: methods in, results out, every change in its event log. */
export class Site {
  readonly #core: Core;
  readonly #controls: Controls;
  readonly #writeListeners = new Set<(written: Written) => void>();
  /** Uploads, what is served, and thumbnails. */
  readonly files: SiteFiles;

  /**
   * Opens a site; a new one gets the rows that any fresh site has, and the scripts and users given.
   * @throws CallsheetError USAGE, STATE_LOCKED, STATE_TOO_NEW for a file that cannot be used
   */
  static open(options: SiteOptions = {}): Site {
    return new Site(options);
  }

  private constructor({
    storage = ":memory:",
    scripts = [],
    users = [],
    now = () => new Date(),
    schema,
    settings,
  }: SiteOptions) {
    const file = schema ? withStudioSchema(schemaFile, schema) : schemaFile;
    this.#core = openCore(storage, now, { ...defaultSettings, ...settings }, file);
    this.#controls = new Controls(this.#core);
    this.#core.db.transaction(() => seed(this.#core, { scripts, users }));
    const run = (name: string, method: Method, params: unknown[]) => this.#runAsync(name, method, params);
    this.files = new SiteFiles(this.#core, new Vault(storage), run);
  }

  /** Fills the site from inside, in one transaction. */
  fill(work: (core: Core) => void): void {
    const { db, names } = this.#core;
    try {
      db.transaction(() => work(this.#core));
    } catch (error) {
      names.forget();
      throw error;
    }
  }

  /** May be changed while the site runs. */
  get settings(): Settings {
    return this.#core.settings;
  }

  /**
   * What a script or a person may not do from now on, such as `update_field Shot.sg_status_list`; `[]`: nothing is denied.
   * @throws CallsheetError USAGE when there is no such user, and for a rule that is not understood
   */
  deny(who: Who, rules: string[]): void {
    this.#core.db.transaction(() => denyTo(this.#core, who, rules));
  }

  /** Calls `listener` after each write that was committed; returns how to stop that. */
  onWrite(listener: (written: Written) => void): () => void {
    this.#writeListeners.add(listener);
    return () => this.#writeListeners.delete(listener);
  }

  get events(): EventControls {
    return this.#controls;
  }

  /**
   * One method call as on the wire. Holds do not apply: see `callJsonAsync`.
   * @param params the credentials and the payload, as in the request body
   * @returns what goes under `results` (for `info`: the whole object); a copy
   * @throws SiteFault for everything that a real site answers as a fault
   */
  call(methodName: string, params: unknown[]): unknown {
    return JSON.parse(this.#answer(methodName, METHODS.get(methodName), params));
  }

  /** The same as the text of a whole response body: results, or the fault. Throws only for bugs. */
  callJson(methodName: string, params: unknown[]): string {
    return this.#runNow(methodName, METHODS.get(methodName), params);
  }

  /** As `callJson`, but a write waits for its hold: see `EventControls.holdNext`. */
  async callJsonAsync(methodName: string, params: unknown[]): Promise<string> {
    return this.#runAsync(methodName, METHODS.get(methodName), params);
  }

  close(): void {
    this.files.close();
    this.#core.db.close();
  }

  #runNow(methodName: string, method: Method | undefined, params: unknown[]): string {
    return respond(methodName, () => this.#answer(methodName, method, params));
  }

  async #runAsync(methodName: string, method: Method | undefined, params: unknown[]): Promise<string> {
    const hold = this.#controls.holds.next;
    if (!hold || !method?.writes) return this.#runNow(methodName, method, params);
    let held: { call: Call; drawn: DrawnIds };
    try {
      held = this.#rehearse(method, methodName, params);
    } catch (error) {
      return faultText(error);
    }
    this.#controls.holds.take(hold);
    const end = await hold.ended;
    return respond(methodName, () => {
      if (end === "abandoned") throw refused(`API ${methodName}() the transaction was rolled back.`);
      return this.#write(held.call, method, params[1], held.drawn);
    });
  }

  #answer(methodName: string, method: Method | undefined, params: unknown[]): string {
    if (methodName === "info")
      return JSON.stringify({ ...this.#core.file.server_info, ...infoOf(this.#core.settings) });
    const call = this.#begin(methodName, params);
    if (!method) throw malformed(`API ${methodName}() is not a known method.`);
    return method.writes ? this.#write(call, method, params[1]) : text(method.run(call, payload(params[1])));
  }

  #begin(method: string, params: unknown[]): Call {
    const core = this.#core;
    const caller = authenticate(core, params[0]);
    core.db.viewer = viewerOf(caller);
    return { core, caller, method, events: new Recorder(core.log, core.sequences), at: wireTime(core.now()) };
  }

  #write(begun: Call, method: Method, given: unknown, drawn: DrawnIds | null = null): string {
    const { db, names, fields, log, sequences } = this.#core;
    // Others may have called while this one was held.
    db.viewer = viewerOf(begun.caller);
    const call = { ...begun, events: new Recorder(log, sequences, drawn) };
    try {
      const result = db.transaction(() => {
        const result = text(method.run(call, payload(given)));
        call.events.save();
        return result;
      });
      if (this.#writeListeners.size > 0) this.#tell(call, given, result);
      return result;
    } catch (error) {
      names.forget();
      fields.forget();
      call.events.save();
      throw error;
    }
  }

  #tell({ caller, method }: Call, payload: unknown, result: string): void {
    const { type, id } = caller.user;
    const login = type === "HumanUser" ? this.#core.rows.find(type, id)?.values.login : null;
    const written: Written = { method, payload, login: (login ?? null) as string | null, result };
    for (const listener of this.#writeListeners) listener(written);
  }

  /** Carries the write out and takes it back, to know how many event ids it draws; then draws them. */
  #rehearse(method: Method, methodName: string, params: unknown[]): { call: Call; drawn: DrawnIds } {
    const { db, names, fields, log } = this.#core;
    const call = this.#begin(methodName, params);
    const before = log.lastId;
    const undo = new Error("rehearsal");
    try {
      db.transaction(() => {
        method.run(call, payload(params[1]));
        throw undo;
      });
    } catch (error) {
      if (error !== undo) throw error;
    } finally {
      names.forget();
      fields.forget();
      this.#core.sequences.reset("EventLogEntry", before);
    }
    const { count } = call.events;
    return { call, drawn: { first: log.draw(count), count } };
  }
}

function viewerOf({ user }: Caller): string {
  return `${user.type} ${user.id}`;
}

/** The payload of methods that have none is an empty object. */
function payload(given: unknown): never {
  return (given ?? {}) as never;
}

function text(result: unknown): string {
  return result instanceof JsonText ? result.text : JSON.stringify(result);
}

function respond(methodName: string, answer: () => string): string {
  try {
    const result = answer();
    return methodName === "info" ? result : `{"results":${result}}`;
  } catch (error) {
    return faultText(error);
  }
}

function faultText(error: unknown): string {
  if (!(error instanceof SiteFault)) throw error;
  return JSON.stringify({ exception: true, message: error.message, error_code: error.code });
}
