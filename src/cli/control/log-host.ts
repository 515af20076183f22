/** Where a plugin of a cluster writes its log: on the host that runs it. */
import type { StatusView } from "../../server/views.ts";
import { withControl } from "./command.ts";
import type { ControlOptions } from "./control.ts";

/** Says on which host the plugin runs, when that is another than this. */
export async function tellLogHost(plugin: string, options: ControlOptions): Promise<void> {
  // without a daemon there is nobody to ask, and the files are there all the same
  const status = await withControl(options, false, (control) => control.get<StatusView>("/status")).catch(
    () => null,
  );
  const here = status?.cluster?.host;
  const host = status?.plugins.find(({ name }) => name === plugin)?.host ?? null;
  if (here === undefined || host === null || host === here) return;
  process.stderr.write(`${plugin} runs on ${host} now: what it logs there is in the log of that machine.\n`);
}
