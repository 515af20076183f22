/** What is asked of one host of a cluster, for itself. */
import { z } from "zod";
import type { Daemon } from "../../daemon/daemon.ts";
import { type Route, route } from "../route.ts";
import { whoAsks, whoOnly } from "../who.ts";

export function clusterRoutes(daemon: Pick<Daemon, "adopt">): Route[] {
  return [
    route({
      method: "POST",
      path: "/plugins/:name/adopt",
      summary:
        "This host runs the plugin with the files that it has, when no host runs it since none has the files that it ran with last",
      params: z.object({ name: z.string().min(1).max(500).describe("its name, or the id of its lane") }),
      body: whoOnly,
      reply: z.object({ done: z.literal(true) }),
      failures: [409, 503],
      handle: async ({ params: { name }, body, request }) => {
        await daemon.adopt(name, whoAsks(body, request));
        return { done: true as const };
      },
    }),
  ];
}
