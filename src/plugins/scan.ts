/** Which files of the plugin folders are plugins, in the strict order: folders as configured, names in byte order. */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, parse } from "node:path";
import type { PluginFile } from "../daemon/host.ts";
import { CallsheetError } from "../errors.ts";

const TYPESCRIPT = new Set([".ts", ".mts", ".js", ".mjs"]);
/** `notify.test.ts`, `notify.d.mts`, `vite.config.ts`: files about code, not plugins. */
const ABOUT_CODE = new Set([".d", ".test", ".spec", ".config", ".stories", ".bench"]);

/**
 * Lists the plugin files. `problems` has one PLUGIN_FOLDER error for each folder that cannot be listed, with the path
 * in its message; what was known of such a folder is not to be forgotten, since it may only be away for a moment.
 * @param folders absolute paths, in configured order
 */
export async function scanFolders(
  folders: readonly string[],
): Promise<{ files: PluginFile[]; problems: FolderProblem[] }> {
  const scans = await Promise.all(folders.map(scanFolder));
  const files = scans.flatMap((scan) => (Array.isArray(scan) ? scan : []));
  // a folder may be named twice
  const once = files.filter(({ path }, i) => files.findIndex((other) => other.path === path) === i);
  return {
    files: withDistinctNames(once),
    problems: scans.flatMap((scan) => (Array.isArray(scan) ? [] : [scan])),
  };
}

/**
 * Plugins that share a name would share a logger and a log file: `notify` in two folders becomes `shots.notify` and
 * `assets.notify`; where that is not enough, the file's ending and then its folder's place in the configuration tell them apart.
 */
function withDistinctNames(files: PluginFile[]): PluginFile[] {
  const ways = [
    ({ path }: PluginFile) => `${basename(dirname(path))}.${parse(path).name}`,
    ({ path }: PluginFile) => `${basename(dirname(path))}.${basename(path)}`,
    ({ path, folder }: PluginFile) => `${folder + 1}.${basename(path)}`,
  ];
  return ways.reduce((named, way) => {
    const shared = new Set(
      named
        .filter(({ name }, i) => named.findIndex((other) => other.name === name) !== i)
        .map(({ name }) => name),
    );
    return named.map((file) => (shared.has(file.name) ? { ...file, name: way(file) } : file));
  }, files);
}

/** A folder that could not be listed. */
export class FolderProblem extends CallsheetError {
  /** Index of the folder in the configuration. */
  readonly folder: number;

  constructor(folder: number, message: string, hint: string, cause: unknown) {
    super("PLUGIN_FOLDER", message, { hint, cause });
    this.folder = folder;
  }
}

async function scanFolder(path: string, folder: number): Promise<PluginFile[] | FolderProblem> {
  try {
    const names = await readdir(path);
    const found = names.flatMap((name) => pluginFile(path, name, folder) ?? []);
    const files = await Promise.all(found.map(async (file) => ((await isFile(file.path)) ? file : null)));
    return files.filter((file) => file !== null).sort(byBytesOfName);
  } catch (error) {
    return folderProblem(path, folder, error as NodeJS.ErrnoException);
  }
}

function pluginFile(folderPath: string, fileName: string, folder: number): PluginFile | null {
  const language = languageOf(fileName);
  if (!language) return null;
  return { path: join(folderPath, fileName), name: parse(fileName).name, language, folder };
}

function languageOf(fileName: string): PluginFile["language"] | null {
  if (fileName.startsWith(".")) return null;
  const { name, ext } = parse(fileName);
  if (ext === ".py") return "python";
  if (!TYPESCRIPT.has(ext) || fileName.startsWith("_")) return null;
  return ABOUT_CODE.has(parse(name).ext) ? null : "typescript";
}

/** Follows links. A file that vanished since it was listed is no plugin; one that cannot be looked at fails alone when it is loaded. */
async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}

function byBytesOfName(a: PluginFile, b: PluginFile): number {
  return Buffer.compare(Buffer.from(parse(a.path).base), Buffer.from(parse(b.path).base));
}

function folderProblem(path: string, folder: number, error: NodeJS.ErrnoException): FolderProblem {
  const why: Record<string, string> = {
    ENOENT: "does not exist",
    ENOTDIR: "is not a folder",
    EACCES: "may not be read by this user",
  };
  const what = why[error.code ?? ""] ?? `cannot be listed (${error.code ?? error.message})`;
  const hint =
    error.code === "ENOENT" ? "Create it, or correct `plugins` in the configuration." : "It is tried again.";
  return new FolderProblem(folder, `The plugin folder ${path} ${what}.`, hint, error);
}
