/** Whether the database of a cluster can be used, and who is there. Nothing is changed. */
import { dirname } from "node:path";
import type { Config } from "../config-file.ts";
import { asError, CallsheetError } from "../errors.ts";
import type { Finding } from "./check.ts";
import { keptBy, refuseEmptyBeside } from "./open-state.ts";

type Cluster = NonNullable<Config["cluster"]>;

const what = "cluster";

/** @param state folder of this host */
export async function checkCluster(cluster: Cluster, state: string): Promise<Finding[]> {
  try {
    const { lookAtCluster } = await import("../journal/postgres/look.ts");
    const { url, schema, host: name, lease: leaseMs } = cluster;
    const look = await lookAtCluster({ url, schema, name, leaseMs, ...keptBy(state) });
    const { where, version, made, empty, hosts: found } = look;
    if (empty) await refuseEmptyBeside(dirname(state));
    const hosts = found.map(({ name }) => name);
    const there = made
      ? `schema ${cluster.schema}`
      : `schema ${cluster.schema} will be made at the first start`;
    const who = hosts.length === 0 ? "no daemon is there" : `there: ${hosts.join(", ")}`;
    const database = ok(`${where}, PostgreSQL ${version}; ${there}; ${who}`);
    const own = ok(
      `this host is ${cluster.host}${cluster.labels.length > 0 ? ` (${cluster.labels.join(", ")})` : ""}`,
    );
    return [database, own, ...nobodysLabels(cluster, new Set(found.flatMap(({ labels }) => labels)))];
  } catch (thrown) {
    const error = asError(thrown);
    const cure = (error instanceof CallsheetError && error.hint) || null;
    return [{ status: "fail", what, detail: error.message, cure }];
  }
}

/** Plugins for hosts that nobody knows of would wait. */
function nobodysLabels({ runsOn, labels, hosts }: Cluster, there: ReadonlySet<string>): Finding[] {
  const known = [...there, ...labels, ...Object.values(hosts).flatMap((host) => host.labels)];
  return Object.entries(runsOn)
    .filter(([, label]) => !known.includes(label))
    .map(([plugin, label]) => ({
      status: "warn",
      what: "cluster.runsOn",
      detail: `no host is known to have the label ${label}, which ${plugin} needs; it would wait`,
      cure: `Give it to a host, in cluster.hosts or there with CALLSHEET_LABELS.`,
    }));
}

function ok(detail: string): Finding {
  return { status: "ok", what, detail, cure: null };
}
