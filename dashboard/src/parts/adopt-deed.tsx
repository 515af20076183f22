/** Runs a plugin that waits for its files with those of the host whose page this is. */
import { status } from "../api/live.ts";
import type { Plugin } from "../api/shapes.ts";
import { Deed } from "./deed.tsx";
import { filesInWords } from "./lane-files.tsx";

/** Offered where the plugin waits for its files, and this host has some. */
export function AdoptDeed({ plugin: { id, name } }: { plugin: Pick<Plugin, "id" | "name"> }) {
  const { cluster = null } = status.value ?? {};
  if (!cluster) return null;
  const { host } = cluster;
  const lane = cluster.plugins.find((one) => one.id === id);
  const own = lane?.files.others.find((files) => files.host === host && files.sha256 !== null);
  return (
    <Deed
      label="Adopt"
      plugins={[name]}
      action="adopt"
      dangerous
      offered={lane?.waitsFor === "files" && own !== undefined}
      says={`${host} runs ${name} with the files that are on ${host}${own ? ` (${filesInWords(own)})` : ""}, though they are not those that it ran with last. It goes on with the first of the events that wait.`}
    />
  );
}
