/** When each person was in a project last: `Project.last_accessed_by_current_user`. */
import type { Core } from "../core.ts";
import type { Ref } from "../store/columns.ts";

export const LAST_ACCESS = "last_accessed_by_current_user";

/** @param at `YYYY-MM-DDTHH:MM:SSZ`; null: never */
export function noteAccess({ db }: Core, project: number, user: Ref, at: string | null): void {
  const viewer = `${user.type} ${user.id}`;
  if (at === null) db.run("DELETE FROM site_access WHERE project = ? AND viewer = ?", [project, viewer]);
  else
    db.run("INSERT OR REPLACE INTO site_access (project, viewer, at) VALUES (?, ?, ?)", [
      project,
      viewer,
      at,
    ]);
}
