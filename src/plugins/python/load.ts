/** From a Python file to a host: one process, and every way in which loading can end. */
import type { Transport } from "../../client/transport.ts";
import type { Host, HostStart } from "../../daemon/host.ts";
import type { LogLevel } from "../../plugin.ts";
import type { LoadFailure } from "../messages.ts";
import { loadEndings, modulesWith, PluginLoadError } from "../thread/load.ts";
import { type Loaded, modulesOf, PythonHost } from "./host.ts";
import { type FromPython, PythonProcess, type PythonStart } from "./process.ts";

export interface PythonSettings extends Omit<PythonStart, "pluginPath" | "pluginName" | "slot"> {
  interpreter: string;
  transport: Transport;
  loadTimeoutMs: number;
}

/** @throws PluginLoadError PLUGIN_*, PYTHON_UNUSABLE or HOST_*, when the process is gone again */
export async function loadInProcess(
  settings: PythonSettings,
  { plugin, slot, listener, signal }: HostStart,
  onProcess: (process: PythonProcess) => void,
): Promise<Host> {
  const { interpreter, transport, loadTimeoutMs, ...start } = settings;
  const began = performance.now();
  const outcome = Promise.withResolvers<Loaded>();
  const modules = new Map<string, string>();
  let host: PythonHost | null = null;
  const takeWhileLoading = (message: FromPython) => {
    if (message.type === "log") listener.log(message.line);
    else if (message.type === "module") modules.set(message.path, message.sha256);
    else if (message.type === "loaded") {
      // At once, since messages that follow are for the host.
      host = new PythonHost(process, listener, message, modules, performance.now() - began);
      outcome.resolve(message);
    } else if (message.type === "load-failed") outcome.reject(message.failure);
  };
  const process: PythonProcess = new PythonProcess({
    interpreter,
    transport,
    start: { ...start, pluginPath: plugin.path, pluginName: plugin.name, slot },
    onMessage: (message) => (host ? host.take(message) : takeWhileLoading(message)),
    onOutput: (level: LogLevel, message: string) => {
      listener.log({ logger: `plugin.${plugin.name}`, level, message, eventId: null });
    },
  });
  onProcess(process);
  // Before what follows from any other end: that would blame the plugin.
  void process.gone.then(({ interpreter: trouble }) => {
    if (!trouble) return;
    const { code, message, hint } = trouble;
    const said = `${plugin.path} cannot be loaded: the interpreter ${interpreter} ${message}.`;
    outcome.reject({ code, message: said, hint, error: null } satisfies LoadFailure);
  });
  const end = loadEndings(plugin.path, loadTimeoutMs, process.gone, signal, outcome.reject);
  try {
    await outcome.promise;
    return host!;
  } catch (thrown) {
    await process.terminate();
    throw new PluginLoadError(thrown as LoadFailure, modulesWith(plugin.path, modulesOf(modules)));
  } finally {
    end();
  }
}
