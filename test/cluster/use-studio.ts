/** A studio of two plugins on a cluster, for each test of a file: events are made, and all of them have to arrive. */
import { afterEach, beforeEach } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE } from "../daemon/whole.ts";
import type { UsedServer } from "../journal/postgres/use-server.ts";
import { ClusterStudio } from "./studio.ts";

const PATIENCE_MS = 120_000;
export const SOUND = { lost: [], unmarked: [], disorder: 0 };

export interface UsedStudio {
  readonly studio: ClusterStudio;
  readonly schema: string;
  /** How each plugin has fared. */
  verdicts(): ReturnType<ClusterStudio["judge"]>[];
  happens(condition: () => boolean, what: string): Promise<void>;
  /** So many events become visible. */
  happen(number: number): void;
  /** So many more, and all that there were arrive. */
  delivered(number: number): Promise<void>;
}

export function useStudio(server: UsedServer): UsedStudio {
  let sandbox: Sandbox;
  let studio: ClusterStudio;
  let visible: number[] = [];
  let schema = "";
  beforeEach(async () => {
    sandbox = await openSandbox();
    visible = [];
    schema = server.freshSchema();
    const cluster = { url: server.url, schema, lease: "3s" };
    studio = new ClusterStudio(sandbox, cluster, { start: sandbox.site.events.newestId + 1 });
    for (const name of ["one", "two"]) studio.add(name);
  });
  afterEach(async () => {
    await studio.end();
    await sandbox.close();
  });

  const verdicts = () => studio.plugins.map((name) => studio.judge(name, visible));
  const happens = (condition: () => boolean, what: string) =>
    until(condition, () => `not: ${what}\n${JSON.stringify(verdicts())}\n${studio.words()}`, PATIENCE_MS);
  const happen = (number: number) => {
    const { first, last } = sandbox.site.events.add(Array.from({ length: number }, () => CHANGE));
    for (let id = first; id <= last; id += 1) visible.push(id);
  };
  return {
    get studio() {
      return studio;
    },
    get schema() {
      return schema;
    },
    verdicts,
    happens,
    happen,
    async delivered(number) {
      happen(number);
      await happens(() => verdicts().every(({ lost }) => lost.length === 0), "everything is delivered");
    },
  };
}
