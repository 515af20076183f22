/** An operator's word for a plugin that no host runs, since none has the files that it ran with last. */
import { CallsheetError } from "../../errors.ts";
import { type DeedParts, tellDeed, type Who } from "../operated.ts";
import type { Allotment } from "./allotment.ts";

/** This host runs it with the files that it has. @throws CallsheetError NOT_POSSIBLE_NOW when it does not wait for that */
export async function adopt(
  { allotment, ...parts }: DeedParts & { allotment: Allotment | null },
  plugin: string,
  who: Who,
): Promise<void> {
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
