/**
 * A plugin that is loaded before its lane is this daemon's: whoever gets the lane finds the host there, and gives it its events. Until
 * then it gets none, and what it would write to the site waits.
 */
import type { Transport } from "../../client/transport.ts";
import { CallsheetError } from "../../errors.ts";
import type { Host, HostListener, HostStart, HostStarter, PluginFile, PluginLogLine } from "../host.ts";
import { writesToSite } from "./fence.ts";

export class WarmHost {
  /** Resolves when it is loaded, or will not be: null. */
  readonly loaded: Promise<Host | null>;
  readonly #unwanted = new AbortController();
  readonly #taken = Promise.withResolvers<HostStart>();
  #lane: HostStart | null = null;
  #isFed = false;
  #exited = false;
  readonly #lines: PluginLogLine[] = [];

  constructor(plugin: PluginFile, start: HostStarter) {
    const { signal } = this.#unwanted;
    const listener = this.#listener();
    this.loaded = start({
      ...{ plugin, slot: null, listener, signal },
      step: async (step) => this.#given().step?.(step) ?? null,
      throughSite: (site) => this.#throughSite(site),
    }).catch(() => null);
  }

  /** The host, from now on the lane's; null: it is of no use, and gone. */
  async giveTo(lane: HostStart, isAsItIs: (host: Host) => Promise<boolean>): Promise<Host | null> {
    this.#lane = lane;
    this.#taken.resolve(lane);
    for (const line of this.#lines.splice(0)) lane.listener.log(line);
    const unwanted = () => this.#unwanted.abort();
    lane.signal.addEventListener("abort", unwanted, { once: true });
    if (lane.signal.aborted) unwanted();
    const host = await this.loaded;
    lane.signal.removeEventListener("abort", unwanted);
    if (host && !lane.signal.aborted && (await isAsItIs(host)) && !this.#exited) {
      this.#isFed = true;
      return host;
    }
    await host?.kill();
    return null;
  }

  /** Nobody will have it. */
  async discard(): Promise<void> {
    this.#unwanted.abort();
    await (await this.loaded)?.kill();
  }

  #listener(): HostListener {
    return {
      progress: (report) => this.#given().listener.progress(report),
      failed: (report) => this.#given().listener.failed(report),
      called: (call) => this.#given().listener.called?.(call),
      log: (line) => {
        if (this.#lane) this.#lane.listener.log(line);
        else this.#lines.push(line);
      },
      exited: (exit) => {
        this.#exited = true;
        if (this.#isFed) this.#lane!.listener.exited(exit);
      },
    };
  }

  #throughSite(site: Transport): Transport {
    const { stream } = site;
    const laneSite = async () => {
      const lane = await this.#taken.promise;
      return lane.throughSite?.(site) ?? site;
    };
    return {
      send: async (request, options) =>
        (writesToSite(request) ? await laneSite() : site).send(request, options),
      ...(stream && {
        stream: async (request, options) =>
          (writesToSite(request) ? await laneSite() : site).stream!(request, options),
      }),
      // it is the daemon's, and stays open
      close: async () => {},
    };
  }

  #given(): HostStart {
    if (this.#lane) return this.#lane;
    throw new CallsheetError("INTERNAL", "A plugin that no lane was given did something for an event.");
  }
}
