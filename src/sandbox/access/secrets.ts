/** Keys, passwords, one-time codes: kept as salted hashes only. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Database } from "../store/database.ts";

/** Keeps a script's key or a person's password. */
export function setSecret(db: Database, type: string, id: number, secret: string): void {
  const salt = randomBytes(12).toString("base64url");
  db.run("INSERT OR REPLACE INTO site_secret (type, id, salt, hash) VALUES (?, ?, ?, ?)", [
    type,
    id,
    salt,
    digest(salt, secret),
  ]);
}

export function knowsSecret(db: Database, type: string, id: number, secret: string): boolean {
  const found = db.get("SELECT salt, hash FROM site_secret WHERE type = ? AND id = ?", [type, id]);
  if (!found) return false;
  const [salt, hash] = found as [string, string];
  return timingSafeEqual(Buffer.from(digest(salt, secret)), Buffer.from(hash));
}

/** From now on this person needs one of these codes to log in; each is good once. Codes seen before stay used. */
export function setCodes(db: Database, person: number, codes: string[]): void {
  for (const code of codes)
    db.run("INSERT OR IGNORE INTO site_code (person, hash, used) VALUES (?, ?, 0)", [
      person,
      codeHash(person, code),
    ]);
}

export function needsCode(db: Database, person: number): boolean {
  return db.get("SELECT 1 FROM site_code WHERE person = ?", [person]) !== undefined;
}

/** Uses the code up; false when it is wrong or was used. */
export function takeCode(db: Database, person: number, code: string): boolean {
  const key = [person, codeHash(person, code)];
  if (!db.get("SELECT 1 FROM site_code WHERE person = ? AND hash = ? AND used = 0", key)) return false;
  db.run("UPDATE site_code SET used = 1 WHERE person = ? AND hash = ?", key);
  return true;
}

function codeHash(person: number, code: string): string {
  return digest(`two-factor code of ${person}`, code);
}

function digest(salt: string, secret: string): string {
  return createHash("sha256").update(salt).update(secret).digest("base64url");
}
