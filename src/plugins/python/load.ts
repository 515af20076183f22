/** A plugin file in a python process of its own. */
import type { Transport } from "../../client/transport.ts";
import type { Host, HostStart } from "../../daemon/host.ts";
import { loadHost } from "../load.ts";
import { PythonProcess, type PythonStart } from "./process.ts";

export interface PythonSettings extends Omit<PythonStart, "pluginPath" | "pluginName" | "slot"> {
  interpreter: string;
  transport: Transport;
  loadTimeoutMs: number;
}

/** @throws PluginLoadError PLUGIN_*, PYTHON_UNUSABLE or HOST_*, when the process is gone again */
export function loadInProcess(
  { interpreter, transport, loadTimeoutMs, ...settings }: PythonSettings,
  start: HostStart,
  onProcess: (process: PythonProcess) => void,
): Promise<Host> {
  const { plugin, slot, listener } = start;
  return loadHost({
    start,
    timeoutMs: loadTimeoutMs,
    carry: (onMessage) => {
      const process = new PythonProcess({
        interpreter,
        transport,
        start: { ...settings, pluginPath: plugin.path, pluginName: plugin.name, slot },
        onMessage,
        onOutput: (level, message) =>
          listener.log({ logger: `plugin.${plugin.name}`, level, message, eventId: null }),
      });
      onProcess(process);
      return process;
    },
  });
}
