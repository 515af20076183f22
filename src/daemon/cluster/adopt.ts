/** An operator's word for a plugin that no host runs, since none has the files that it ran with last. */
import { CallsheetError } from "../../errors.ts";
import type { LaneStatus } from "../lane-status.ts";
import { type DeedParts, tellDeed, type Who } from "../operated.ts";
import { unknownPlugin } from "../unknown-plugin.ts";
import type { Allotment } from "./allotment.ts";

/**
 * This host runs it with the files that it has.
 * @param there all plugins whose file is there, whoever runs them
 * @throws CallsheetError PLUGIN_UNKNOWN; NOT_POSSIBLE_NOW when it does not wait for that, STATE_UNUSABLE while the database is away
 */
export async function adopt(
  { allotment, there, ...parts }: DeedParts & { allotment: Allotment | null; there(): readonly LaneStatus[] },
  plugin: string,
  who: Who,
): Promise<void> {
  const all = there();
  if (!all.some(({ name, id }) => name === plugin || id === plugin)) throw unknownPlugin(plugin, all);
  if (allotment?.awaySince) throw notKnown(plugin, allotment.awaySince);
  const file = allotment?.idle(plugin);
  if (!file || allotment!.waitsFor(file.path) !== "files")
    throw new CallsheetError("NOT_POSSIBLE_NOW", `${plugin} does not wait for its files.`, {
      hint: "Only a plugin of a cluster can be adopted that no host runs, since its files are other ones everywhere.",
    });
  if (!allotment!.adopt(file))
    throw new CallsheetError("NOT_POSSIBLE_NOW", `This host has no files of ${file.name}.`, {
      hint: "Adopt it on a host that has: callsheet status names them, and --url asks another host.",
    });
  const { path } = file;
  await tellDeed(parts, { action: "adopt", plugin: file.name, detail: `with this host's ${path}` }, who);
}

function notKnown(plugin: string, since: string): CallsheetError {
  return new CallsheetError(
    "STATE_UNUSABLE",
    `The database of the cluster has not answered since ${since}, so whether ${plugin} waits for its files is not known; nothing was done.`,
    { hint: "Give it again when the database answers." },
  );
}
