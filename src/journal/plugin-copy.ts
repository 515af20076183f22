/** The files of a plugin as one machine has them: what hosts that share a journal hold against one another. */

export interface CopyMark {
  /** Of the files' paths and contents. */
  sha256: string;
  /** When the youngest of the files was changed, as its file system says, ms since 1970; 0: not known. */
  changedAt: number;
}

/** What a lane runs with. */
export interface PluginCopy extends CopyMark {
  /** The files that the plugin has loaded, its own among them, by path; `sha256` is of the content, hex. */
  files: readonly { path: string; sha256: string }[];
  /** Label that the plugin itself says its host needs; null: none. */
  runsOn: string | null;
}
