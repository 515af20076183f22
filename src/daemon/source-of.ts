/** What is kept of the source lines that a host sends with an error: only as loaded, and without what looks like a secret. */
import type { SourceLines } from "../journal/journal.ts";
import type { ErrorReport, LoadedModule } from "./host.ts";

/** `password: "…"`, `API_KEY = '…'`, `conf["token"] = "…"` */
const SECRET_TEXT =
  /((?:key|passw(?:or)?d|passwd|secret|token|credentials?)\w*["'`]?\]?\s*[:=]\s*)(["'`])(?:\\.|(?!\2).)*(\2|$)/gi;
/** `https://name:password@host` */
const URL_PASSWORD = /(:\/\/[^/\s:@"']+:)[^/\s@"']+@/g;

/** null when there are none, or the file is not any more what the host has loaded. */
export function sourceOf({ source }: ErrorReport, modules: readonly LoadedModule[]): SourceLines | null {
  if (!source) return null;
  const { path, line, first, lines, sha256 } = source;
  if (!modules.some((module) => module.path === path && module.sha256 === sha256)) return null;
  return { path, line, first, lines: lines.map(withoutSecrets) };
}

function withoutSecrets(line: string): string {
  return line.replace(SECRET_TEXT, "$1$2***$3").replace(URL_PASSWORD, "$1***@");
}
