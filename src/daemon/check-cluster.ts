/** Whether the database of a cluster can be used, and who is there. Nothing is changed. */
import type { Config } from "../config-file.ts";
import { asError, CallsheetError } from "../errors.ts";
import type { Finding } from "./check.ts";

const what = "cluster";

export async function checkCluster(cluster: NonNullable<Config["cluster"]>): Promise<Finding[]> {
  try {
    const { lookAtCluster } = await import("../journal/postgres/look.ts");
    const { where, version, made, hosts } = await lookAtCluster(cluster);
    const state = made
      ? `schema ${cluster.schema}`
      : `schema ${cluster.schema} will be made at the first start`;
    const there = hosts.length === 0 ? "no daemon is there" : `there: ${hosts.join(", ")}`;
    const found = ok(`${where}, PostgreSQL ${version}; ${state}; ${there}`);
    const own = ok(
      `this host is ${cluster.host}${cluster.labels.length > 0 ? ` (${cluster.labels.join(", ")})` : ""}`,
    );
    return [found, own];
  } catch (thrown) {
    const error = asError(thrown);
    const cure = (error instanceof CallsheetError && error.hint) || null;
    return [{ status: "fail", what, detail: error.message, cure }];
  }
}

function ok(detail: string): Finding {
  return { status: "ok", what, detail, cure: null };
}
