import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "vitest";
import { Site } from "../../src/sandbox/site.ts";
import { fieldList, SCRIPT, Studio } from "./studio.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "sandbox-"));
  folders.push(folder);
  return join(folder, "site.db");
}

test("a file keeps everything: rows, names, secrets, and ids that belong to nothing", () => {
  const storage = newFile();
  const studio = new Studio({ storage });
  const shot = studio.make("Shot", { code: "sh010" });
  studio.site.events.skipIds(7);
  const last = studio.lastEvent;
  studio.site.close();
  expect(existsSync(storage)).toBe(true);

  const again = Site.open({ storage });
  const call = (method: string, payload: object) => again.call(method, [SCRIPT, payload]);
  expect(again.events.newestId).toBe(last);
  const found = call("read", {
    type: "Shot",
    return_fields: ["code", "project"],
    filters: { logical_operator: "and", conditions: [] },
    paging: { entities_per_page: 5, current_page: 1 },
  });
  expect(found).toEqual({
    entities: [
      { type: "Shot", id: shot.id, code: "sh010", project: { ...studio.project, name: "Marrow Lane" } },
    ],
  });
  call("update", { type: "Shot", id: shot.id, fields: fieldList({ code: "sh020" }) });
  expect(again.events.newestId).toBe(last + 1);
  again.close();
});

test("a file that is no site, or of a newer one, is refused with a sentence", () => {
  const text = newFile();
  writeFileSync(
    text,
    "this is a text, not a database, and long enough to be read as a header of one".repeat(20),
  );
  expect(() => Site.open({ storage: text })).toThrow(expect.objectContaining({ code: "USAGE" }));
  expect(() => Site.open({ storage: join(newFile(), "missing", "site.db") })).toThrow(
    /cannot keep its site in .*site.db/,
  );
  const newer = newFile();
  const db = new DatabaseSync(newer);
  db.exec("PRAGMA user_version = 99");
  db.close();
  expect(() => Site.open({ storage: newer })).toThrow(expect.objectContaining({ code: "STATE_TOO_NEW" }));
});

test("a file has one sandbox at a time", () => {
  const storage = newFile();
  const first = Site.open({ storage });
  expect(() => Site.open({ storage })).toThrow(expect.objectContaining({ code: "STATE_LOCKED" }));
  first.close();
  Site.open({ storage }).close();
});
