/** The section `python` of the configuration: for all plugins, for those of a folder, and for single ones. */
import { z } from "zod";
import { choice, section, text } from "./config-kinds.ts";

/** How a Python plugin is run. Paths are absolute. */
export interface PluginPython {
  /** A name to be found on the PATH, or a path. */
  interpreter: string;
  /** Folders to import from. */
  path: readonly string[];
  /** "plugin": a process of its own. "folder": one for all plugins of its folder that are run in the same way. */
  group: "plugin" | "folder";
  /** Folder to run in; null: the daemon's. */
  cwd: string | null;
  /** null: the daemon's. */
  umask: number | null;
}

const folder = text("must be the path of a folder");
const UMASK = 'must be octal digits in a text, such as "002"';

const interpreter = text('must be a Python such as "python3" or "/studio/venv/bin/python"');
const path = z.array(folder, { error: "must be a list of folders" });
const group = choice(["plugin", "folder"]);
const umask = z.string({ error: UMASK }).regex(/^0?[0-7]{1,3}$/, { error: UMASK });

const ofPlugin = section({
  interpreter: interpreter.optional(),
  path: path.optional(),
  group: group.optional(),
  cwd: folder.optional(),
  umask: umask.optional(),
});

const plugins = map(
  /^[^/\\]+\.py$/,
  ofPlugin,
  'must map names of plugin files to settings, such as { "notify.py": { interpreter: "python3.9" } }',
);

const ofFolder = ofPlugin.extend({ plugins });

export const pythonSection = section({
  /** What runs Python plugins: a name to be found on the PATH, or a path; 3.8 or newer. */
  interpreter: interpreter.default("python3"),
  /** Folders that Python plugins may import from; relative to the configuration file. */
  path: path.default([]),
  /** "plugin": a process each. "folder": one for all plugins of a folder, as the Python daemon has it. */
  group: group.default("plugin"),
  /** Folder that plugins run in; relative to the configuration file. Default: the daemon's. */
  cwd: folder.optional(),
  /** What is not allowed on new files and folders, in octal digits. Default: the daemon's. */
  umask: umask.optional(),
  /** A configuration of the Python daemon that plugins find as `logger.config`; relative to the configuration file. */
  conf: text("must be the path of a shotgunEventDaemon.conf").optional(),
  /** The same for single plugins, by file name. */
  plugins,
  /** The same for plugin folders, by path; each may have `plugins` of its own. */
  folders: map(
    /^[^\0]+$/,
    ofFolder,
    'must map paths of plugin folders to settings, such as { "./plugins": { group: "folder" } }',
  ),
});

type Python = z.output<typeof pythonSection>;
type OfPlugin = z.output<typeof ofPlugin>;
type OfFolder = z.output<typeof ofFolder>;

/** What holds for one plugin: what is said of it, in its folder's section or in the general one; else of its folder; else of all. */
export function pythonFor(python: Python, plugin: { fileName: string; folder: string }): PluginPython {
  const own = python.folders[plugin.folder];
  const from: (OfPlugin | undefined)[] = [
    own?.plugins[plugin.fileName],
    python.plugins[plugin.fileName],
    own,
    python,
  ];
  const said = <K extends keyof OfPlugin>(key: K) => from.find((each) => each?.[key] !== undefined)?.[key];
  const umask = said("umask");
  return {
    interpreter: said("interpreter") ?? python.interpreter,
    path: said("path") ?? python.path,
    group: said("group") ?? python.group,
    cwd: said("cwd") ?? null,
    umask: umask === undefined ? null : Number.parseInt(umask, 8),
  };
}

/** The same with absolute paths. */
export function withAbsolutePaths(python: Python, absolute: (path: string) => string): Python {
  const placed = <T extends OfPlugin>(said: T): T => ({
    ...said,
    ...(said.interpreter !== undefined && {
      interpreter: /[/\\]/.test(said.interpreter) ? absolute(said.interpreter) : said.interpreter,
    }),
    ...(said.path !== undefined && { path: said.path.map(absolute) }),
    ...(said.cwd !== undefined && { cwd: absolute(said.cwd) }),
  });
  const each = (plugins: Record<string, OfPlugin>) => mapped(plugins, (name) => name, placed);
  const ofOne = (said: OfFolder) => ({ ...placed(said), plugins: each(said.plugins) });
  return {
    ...placed(python),
    ...(python.conf !== undefined && { conf: absolute(python.conf) }),
    plugins: each(python.plugins),
    folders: mapped(python.folders, absolute, ofOne),
  };
}

/** A sentence for each folder of `python.folders` that is no plugin folder. */
export function strayFolders({ folders }: Python, plugins: readonly string[]): string[] {
  return Object.keys(folders)
    .filter((folder) => !plugins.includes(folder))
    .map((folder) => `python.folders names ${folder}, which is not among plugins.`);
}

function map<T extends z.ZodType>(names: RegExp, values: T, must: string) {
  return z
    .record(z.string().regex(names), values, {
      error: ({ code }) => (code === "invalid_key" || code === "invalid_type" ? must : undefined),
    })
    .default({});
}

function mapped<T>(
  record: Record<string, T>,
  name: (key: string) => string,
  value: (value: T) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, each]) => [name(key), value(each)]));
}
