/** One host of a cluster's chaos run: its daemon, and its own lines to the database and to the site, which can be cut. */
import { type LossyProxy, startProxy } from "../../journal/postgres/proxy.ts";
import { Keeper } from "../keeper.ts";
import type { ClusterStudio } from "./studio.ts";

export interface Lines {
  database: LossyProxy;
  site: LossyProxy;
}

/** A daemon may refuse to start for so long after its database was away, ms: it had asked before. */
const ILL_AFTER_MS = 8000;

export class ClusterHost {
  readonly name: string;
  readonly lines: Lines;
  readonly keeper: Keeper;
  /** Something is done to its process at the moment. */
  busy = false;
  #ill = 0;

  constructor(name: string, lines: Lines, studio: ClusterStudio, reach: { database: string; site: string }) {
    this.name = name;
    this.lines = lines;
    this.keeper = new Keeper(
      studio.kept(name, {
        database: throughPort(reach.database, lines.database.port),
        site: throughPort(reach.site, lines.site.port),
      }),
    );
  }

  /** Its database is away while this runs: one that is started meanwhile says so, and ends. */
  async without<T>(work: Promise<T>): Promise<T> {
    this.#ill += 1;
    this.keeper.sick = true;
    try {
      return await work;
    } finally {
      setTimeout(() => {
        this.#ill -= 1;
        this.keeper.sick = this.#ill > 0;
      }, ILL_AFTER_MS).unref();
    }
  }

  async close(): Promise<void> {
    if (this.keeper.daemon.running) await this.keeper.daemon.kill();
    for (const line of [this.lines.database, this.lines.site]) {
      line.hold(false);
      await line.close();
    }
  }
}

export async function openLines(reach: { database: string; site: string }): Promise<Lines> {
  return {
    database: await startProxy(Number(new URL(reach.database).port)),
    site: await startProxy(Number(new URL(reach.site).port)),
  };
}

function throughPort(address: string, port: number): string {
  const url = new URL(address);
  url.port = String(port);
  return url.href.replace(/\/$/, "");
}
