/** What operators can do, given on any host of a cluster: here where the plugin runs here, else the host that runs it is asked. */
import { CallsheetError } from "../../errors.ts";
import type { Cluster } from "../../journal/journal.ts";
import { shellWord } from "../../shell-word.ts";
import type { LaneDetail, LaneStatus } from "../lane-status.ts";
import type { Who } from "../operated.ts";
import type { Move, Operator } from "../operations.ts";
import { unknownPlugin } from "../unknown-plugin.ts";
import type { Allotment } from "./allotment.ts";
import type { Asking } from "./asking.ts";
import { doOwn } from "./own-plugin.ts";
import { commandOf, type Request } from "./request.ts";

export interface OperatorParts {
  /** Does it on this host. */
  local: Operator;
  cluster: Pick<Cluster, "self" | "awaySince" | "readOnlySince">;
  /** All plugins whose file is there, whoever runs them. */
  lanes(): readonly LaneStatus[];
  /** Whether the lane has ever been run. */
  isKnown(lane: string): boolean;
  /** Why no host can run the plugin of this path, where that has been so for a while. */
  stuckFor: Allotment["stuckFor"];
  asking: Asking;
  /** Hears what the others tell now. */
  refresh(): Promise<void>;
}

/** A question that nothing hangs on is not waited for longer, ms. */
const DETAIL = { takenMs: 3000, answeredMs: 3000 };

/** @returns what acts, and more about one plugin; null where there is none, or its host does not say */
export function operatorOf(parts: OperatorParts): {
  operator: Operator;
  detail(lane: LaneStatus): Promise<LaneDetail | null>;
} {
  const { local, cluster, asking } = parts;
  const act = async <T>(
    plugin: string,
    here: (id: string, begin: Pick<Who, "begin">) => Promise<T>,
    request: Request,
  ): Promise<T> => {
    const lane = find(parts, plugin);
    const action = commandOf(request);
    if (lane.host === cluster.self.name)
      return doOwn({ cluster, lane, action }, (begin) => here(lane.id, { begin }));
    if (!parts.isKnown(lane.id)) throw neverRan(lane);
    const why = lane.host === null ? parts.stuckFor(lane.path) : null;
    if (why) throw runsNowhere(lane, why);
    const result = await asking.ask<T>(lane, request);
    await parts.refresh();
    return result;
  };
  const simple =
    (action: "pause" | "resume" | "retry" | "reload"): Operator["pause"] =>
    (plugin, who) =>
      act(plugin, (id, begin) => local[action](id, { ...who, ...begin }), { action, who });
  return {
    operator: {
      pause: simple("pause"),
      resume: simple("resume"),
      retry: simple("retry"),
      reload: simple("reload"),
      skip: (plugin, eventId, who) =>
        act(plugin, (id, begin) => local.skip(id, eventId, { ...who, ...begin }), {
          action: "skip",
          eventId,
          who,
        }),
      plan: (direction, plugin, aim) =>
        act<Move>(plugin, (id) => local.plan(direction, id, aim), { action: "plan", direction, aim }),
      move: (direction, plugin, aim, { expected, ...who }) =>
        act<Move>(plugin, (id, begin) => local.move(direction, id, aim, { expected, ...who, ...begin }), {
          ...{ action: "move", direction, aim, expected, who },
        }),
    },
    detail: async (lane) =>
      lane.host === null
        ? null
        : asking.ask<LaneDetail | null>(lane, { action: "detail" }, DETAIL).catch(() => null),
  };
}

function find({ lanes }: OperatorParts, plugin: string): LaneStatus {
  const all = lanes();
  const found = all.find(({ name }) => name === plugin) ?? all.find(({ id }) => id === plugin);
  if (!found) throw unknownPlugin(plugin, all);
  return found;
}

/** Whoever takes a plugin does what is asked of it: while none can, nobody would. */
function runsNowhere(
  { name }: LaneStatus,
  why: NonNullable<ReturnType<Allotment["stuckFor"]>>,
): CallsheetError {
  const lacking = why === "files" ? "the files that it ran with last" : `the label ${why.label}`;
  const hint =
    why === "files"
      ? `Bring the same files to all hosts, or see callsheet plugin ${shellWord(name)}; then give it again.`
      : "Start a host that has it, or change cluster.runsOn; then give it again.";
  return new CallsheetError(
    "NOT_POSSIBLE_NOW",
    `No host of the cluster runs ${name}: none has ${lacking}; nothing was done.`,
    { hint },
  );
}

function neverRan({ name }: LaneStatus): CallsheetError {
  return new CallsheetError(
    "NOT_POSSIBLE_NOW",
    `No host of the cluster runs ${name}, and none ever did: there is nothing to be done to it.`,
    {
      hint: "Look with callsheet status which hosts there are; cluster.runsOn may name a label that none has.",
    },
  );
}
