/** Modules that several plugins import: one for all in the Python daemon, one for each process here. */
import { basename } from "node:path";
import type { Config } from "../config-file.ts";
import { pythonFor } from "../config-python.ts";
import type { PluginLoad } from "../daemon/load-plugins.ts";

const MOST_MODULES = 5;
const MOST_PLUGINS = 4;

/** A note for who imports, or none: whether plugins share anything through such a module cannot be seen. */
export function sharedModules(loads: readonly PluginLoad[], config: Config): string[] {
  const users = new Map<string, string[]>();
  for (const { file, modules } of loads) {
    const where = { fileName: basename(file.path), folder: config.plugins[file.folder]! };
    if (file.language !== "python" || pythonFor(config.python, where).group === "folder") continue;
    for (const path of modules)
      if (path !== file.path) users.set(path, [...(users.get(path) ?? []), file.name]);
  }
  const shared = [...users].filter(([, plugins]) => plugins.length > 1);
  if (shared.length === 0) return [];
  const told = shared.slice(0, MOST_MODULES).map(([path, plugins]) => `${path} (${firstOf(plugins)})`);
  const more = shared.length > told.length ? `, and ${shared.length - told.length} more` : "";
  return [
    `Each plugin has modules of its own, also of ${told.join(", ")}${more}. Plugins that share variables through one go on doing so with python.group: folder in [callsheet].`,
  ];
}

function firstOf(plugins: readonly string[]): string {
  const more = plugins.length - MOST_PLUGINS;
  return plugins.slice(0, MOST_PLUGINS).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
