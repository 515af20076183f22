/** The wire method `get_session_token` (protocol notes 3). */
import type { Call } from "../core.ts";
import { logInEvent } from "./log-in.ts";
import { openSession } from "./sessions.ts";

export function getSessionToken({ core, caller }: Call): { session_id: string } {
  const session_id = openSession(core, caller);
  // A script's session is nobody's log-in.
  if (caller.user.type === "HumanUser" && !caller.actualUser) {
    const login = core.db.get(`SELECT login FROM "HumanUser" WHERE id = ?`, [caller.user.id])?.[0];
    core.log.insert(core.log.draw(1), logInEvent(core, caller.user, "Login", String(login)));
  }
  return { session_id };
}
