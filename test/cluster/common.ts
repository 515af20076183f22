/** What the configurations of all test clusters have in common. */
import type { Sandbox } from "../../src/sandbox/open.ts";

/** @param more of the configuration */
export function clusterConfig({ url, scriptName, scriptKey }: Sandbox, cluster: object, more: object) {
  return {
    site: { url, scriptName, scriptKey },
    fetchInterval: "50ms",
    shutdownTimeout: "5s",
    server: { port: 0 },
    cluster,
    ...more,
  };
}
