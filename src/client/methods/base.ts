/** What every client has besides calls: its site, its session, its end. First link of the chain that `Shotgun` ends. */
import { CallsheetError } from "../../errors.ts";
import { show } from "../argument.ts";
import { Connection } from "../connection.ts";
import { isAgent } from "../option-checks.ts";
import type { CallOptions, ShotgunOptions } from "../options.ts";
import type { SiteInfo } from "../site-info.ts";

/** What a site can do, in short. */
export interface ServerCaps {
  /** Host and port. */
  host: string;
  version: readonly [number, number, number];
  /** True for a development build. */
  isDev: boolean;
}

/** For the further links of the chain only: nobody else reaches a client's connection. */
export let connectionOf: (client: BaseMethods) => Connection;

export abstract class BaseMethods {
  /** The site: scheme and host, without credentials. */
  readonly url: string;
  /** Null for a connection of a person. */
  readonly scriptName: string | null;
  readonly #connection: Connection;

  static {
    connectionOf = (client) => client.#connection;
  }

  /**
   * @param url for example `https://studio.shotgrid.autodesk.com`
   * @throws CallsheetError SITE_ARGUMENT for a wrong url or option
   */
  constructor(url: string, options: ShotgunOptions) {
    this.#connection = new Connection(url, options);
    this.url = this.#connection.site;
    this.scriptName = this.#connection.scriptName;
  }

  /**
   * Asks the site about itself, to find out at once whether it is there, and exchanges a code of the second factor while it
   * is good. Calls do both by themselves when they need it.
   */
  connect(options: CallOptions = {}): Promise<void> {
    return this.#connection.run("connect", null, options, async (call) => {
      await this.#connection.freshInfo(call);
      await this.#connection.auth(call);
    });
  }

  /** What the site says about itself: version, page size, log-in method. Asks each time; needs no valid credentials. */
  info(options: CallOptions = {}): Promise<SiteInfo> {
    return this.#connection.run("info", null, options, (call) => this.#connection.freshInfo(call));
  }

  /** What the site said about itself when it was first asked. */
  serverInfo(options: CallOptions = {}): Promise<SiteInfo> {
    return this.#connection.run("serverInfo", null, options, (call) => this.#connection.info(call));
  }

  /** The site's version, from what it said when it was first asked. */
  async serverCaps(options: CallOptions = {}): Promise<ServerCaps> {
    const { version } = await this.serverInfo(options);
    const [major, minor, patch] = version.map(Number);
    return { host: new URL(this.url).host, version: [major!, minor!, patch!], isDev: version[3] === "Dev" };
  }

  /**
   * Appends a text to the user agent of every request from now on, such as `my-tool 1.2`.
   * @throws CallsheetError SITE_ARGUMENT for a text that no header can carry
   */
  addUserAgent(agent: string): void {
    if (!isAgent(agent)) {
      const message = `An addition to the user agent must be printable ASCII, got ${show(agent)}.`;
      throw new CallsheetError("SITE_ARGUMENT", message);
    }
    this.#connection.agents.push(agent);
  }

  /** Takes every addition to the user agent back. */
  resetUserAgent(): void {
    this.#connection.agents.length = 0;
  }

  /**
   * From now on the site copies this text into every event this connection causes; null: none again. Calls under way
   * keep the one they began with. A page open in a browser with the same uuid shows the changes at once.
   */
  setSessionUuid(uuid: string | null): void {
    this.#connection.sessionUuid = uuid;
  }

  /** Ends idle connections after the calls under way. A later call opens them again. A transport that was given stays open. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
