/** A plugin file in a python process: one of its own, or that of its folder. */
import type { Host, HostStart } from "../../daemon/host.ts";
import { loadHost } from "../load.ts";
import type { PythonProcess } from "./process.ts";
import type { Seat } from "./seat.ts";

/**
 * @param processFor a process that is open
 * @throws PluginLoadError PLUGIN_*, PYTHON_UNUSABLE or HOST_*, when none of the plugin is left in the process
 */
export async function loadInProcess(
  processFor: () => PythonProcess | Promise<PythonProcess>,
  start: HostStart,
  timeoutMs: number,
): Promise<Host> {
  for (;;) {
    const process = await processFor();
    let seat: Seat | null = null;
    try {
      const host = await loadHost({
        start,
        timeoutMs,
        carry: (onMessage) => {
          seat = process.seat(start, onMessage);
          return seat;
        },
      });
      return host;
    } catch (error) {
      // another plugin ended the process before this one's turn came
      if (start.signal.aborted || !(seat as Seat | null)?.displaced) throw error;
    }
  }
}
