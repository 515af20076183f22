/** A folder with the Python daemon's configuration and one Python plugin, `all`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openSandbox, type Sandbox } from "../../../src/sandbox/open.ts";
import { folderWith } from "../../cli/process.ts";
import { confText } from "../../old-daemon/confs.ts";
import { pythonRecorder } from "./plugins.ts";

export async function openSite(key = "plain-key"): Promise<Sandbox> {
  const site = await openSandbox({ scripts: [{ name: "eventDaemon", key }] });
  onTestFinished(() => site.close());
  return site;
}

/** @param before statements that the plugin begins its callback with */
export function folderOf(
  { url }: Sandbox,
  { key = "plain-key", before = "pass", emails = {} as Record<string, string> } = {},
): { cwd: string; file: string; state: string; idFile: string } {
  const cwd = folderWith({ "plugins/all.py": pythonRecorder("all", "None", before) });
  const file = join(cwd, "shotgunEventDaemon.conf");
  const paths = { pidFile: "daemon.pid", eventIdFile: "daemon.id", logFile: "daemon.log" };
  const daemon = Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, join(cwd, path)]));
  writeFileSync(
    file,
    confText({
      daemon: { ...daemon, fetch_interval: "0", conn_retry_sleep: "1" },
      shotgun: { server: url, key },
      plugins: { paths: join(cwd, "plugins") },
      emails: { enabled: "False", ...emails },
    }),
  );
  return { cwd, file, state: join(cwd, "daemon.id.callsheet"), idFile: join(cwd, "daemon.id") };
}
