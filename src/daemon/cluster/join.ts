/** This daemon as one of a cluster: it hears of the others and tells them, takes commands from them, and gives them some. */
import { CallsheetError } from "../../errors.ts";
import type { Cluster } from "../../journal/journal.ts";
import type { Log } from "../../log/log.ts";
import type { Fleet } from "../fleet.ts";
import type { Happenings } from "../happenings.ts";
import type { LaneDetail, LaneStatus } from "../lane-status.ts";
import type { Operations, Operator } from "../operations.ts";
import { runUntil } from "../run-together.ts";
import type { Reading } from "../status.ts";
import type { Allotment } from "./allotment.ts";
import { Asking } from "./asking.ts";
import { tellOfDatabase } from "./contact.ts";
import { operatorOf } from "./operator.ts";
import { Others } from "./others.ts";
import { type ClusterStatus, clusterStatus } from "./status.ts";
import { Taking } from "./taking.ts";

export interface JoinParts {
  cluster: Cluster;
  allotment: Allotment;
  fleet: Fleet;
  /** On this host. */
  operations: Operations;
  reading(): Reading;
  startedAt: string;
  lastSeq(): number;
  graceMs: number;
  log: Log;
  happenings: Happenings;
}

export interface Joined {
  others: Others;
  /** What answers are given from. */
  known: { gone(): LaneStatus[]; awaySince(): string | null };
  operator: Operator;
  /** More about a plugin that another host runs; null when that does not say. */
  detail(lane: string): Promise<LaneDetail | null>;
  /** @throws CallsheetError NOT_POSSIBLE_NOW where another host runs it: `what` is to be given there */
  refuseElsewhere(plugin: string, what: string): void;
  status(): ClusterStatus;
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export function joinCluster(parts: JoinParts): Joined {
  const { cluster, allotment, fleet, operations, log, graceMs } = parts;
  const { figures } = allotment;
  const own = () => fleet.status();
  const others = new Others({ ...parts, own, files: () => fleet.files, figures, moved: allotment.moved });
  const asking = new Asking({ cluster, graceMs });
  const find = (lane: string) => {
    const found = fleet.find(lane);
    return found?.laneJournal.id === lane ? found : null;
  };
  const ownDetail = (lane: string) => find(lane)?.lane.detail() ?? null;
  const taking = new Taking({ cluster, find, waited: asking.waited, operations, detail: ownDetail, log });
  const { operator, detail } = operatorOf({
    local: operations,
    cluster,
    lanes: () => others.there(),
    isKnown: (lane) => others.isKnown(lane),
    stuckFor: (path) => allotment.stuckFor(path),
    asking,
    refresh: () => others.exchange().catch(() => {}),
  });
  return {
    others,
    known: { gone: () => others.gone(), awaySince: () => cluster.awaySince },
    operator,
    async detail(id) {
      const lane = others.there().find((one) => one.id === id);
      return lane ? detail(lane) : null;
    },
    refuseElsewhere(plugin, what) {
      const lane = others.there().find(({ name, id }) => name === plugin || id === plugin);
      if (lane && lane.host !== null) throw elsewhere(lane, what, cluster);
    },
    status: () => clusterStatus(cluster, allotment, (id) => others.said(id)),
    run: (signal) =>
      runUntil(signal, (end) => [
        others.run(end),
        taking.run(end),
        tellOfDatabase(cluster, log.named("cluster"), end),
      ]),
  };
}

function elsewhere({ name, host }: LaneStatus, what: string, { view }: Cluster): CallsheetError {
  const url = view?.hosts.find((one) => one.name === host)?.url;
  return new CallsheetError("NOT_POSSIBLE_NOW", `${name} runs on ${host}, and ${what} there.`, {
    hint: `Give the command on that machine${url ? `, whose address is ${url}` : ""}.`,
  });
}
