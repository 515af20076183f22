/** Session tokens: who holds one needs no other credentials (protocol notes 2.1). */
import { createHash, randomBytes } from "node:crypto";
import type { Caller, Core } from "../core.ts";
import type { Ref } from "../store/columns.ts";

/** A session that was not used for so long has expired. No figure is documented. */
const IDLE_MS = 24 * 60 * 60 * 1000;
/** Use within this time is not written down. */
const USE_MS = 60 * 1000;

export interface Session {
  user: Ref;
  /** The script that acts for the user. */
  actualUser: Ref | null;
  expired: boolean;
}

/** A new token for the caller: 32 hexadecimal digits. Only its hash is kept. */
export function openSession(core: Core, { user, actualUser }: Caller): string {
  const token = randomBytes(16).toString("hex");
  core.db.run("INSERT INTO site_session (hash, type, id, script, last_used) VALUES (?, ?, ?, ?, ?)", [
    hashOf(token),
    user.type,
    user.id,
    actualUser?.id ?? null,
    core.now().getTime(),
  ]);
  return token;
}

/** Undefined for a token that never was. */
export function findSession(core: Core, token: string): Session | undefined {
  const found = core.db.get("SELECT type, id, script, last_used FROM site_session WHERE hash = ?", [
    hashOf(token),
  ]);
  if (!found) return undefined;
  const [type, id, script, lastUsed] = found as [string, number, number | null, number];
  return {
    user: { type, id },
    actualUser: script === null ? null : { type: "ApiUser", id: script },
    expired: core.now().getTime() - lastUsed > IDLE_MS,
  };
}

/** The idle time begins again. */
export function useSession(core: Core, token: string): void {
  const now = core.now().getTime();
  core.db.run("UPDATE site_session SET last_used = ? WHERE hash = ? AND last_used < ?", [
    now,
    hashOf(token),
    now - USE_MS,
  ]);
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
