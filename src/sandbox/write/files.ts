/** Values of `url` fields: a web link, or a file on a local storage (protocol notes 5.3). */
import type { Call } from "../core.ts";
import { malformed } from "../fault.ts";
import type { Field } from "../schema/schema.ts";
import type { Cell } from "../store/database.ts";
import { crud } from "./crud.ts";
import { failedFor } from "./values.ts";

const PLATFORMS = ["mac", "windows", "linux"] as const;

interface Storage {
  id: number;
  name: string;
  roots: Record<(typeof PLATFORMS)[number], string | null>;
}

type Given = Record<string, unknown>;

/** The object that is kept and read back, with the id of its Attachment. */
export function fileValue(call: Call, field: Field, value: unknown): object | null {
  if (value === null) return null;
  if (typeof value !== "object" || Array.isArray(value))
    throw malformed(
      `API ${call.method}() ${field.entityType}.${field.name} expected [Hash, NilClass] data type(s): ${JSON.stringify(value)}`,
    );
  const given = value as Given;
  if (typeof given.local_path === "string") return localFile(call, field, given, given.local_path);
  if (typeof given.relative_path === "string") return relativeFile(call, given, given.relative_path);
  if (typeof given.url === "string") return webLink(call, field, given, given.url);
  throw malformed(
    `API ${call.method}() ${field.entityType}.${field.name} expected 'url', 'local_path' or 'relative_path': ${JSON.stringify(value)}`,
  );
}

function webLink(call: Call, field: Field, given: Given, url: string): object {
  const name = typeof given.name === "string" ? given.name : url;
  return { ...attachment(call, field, name), url, name, content_type: null, link_type: "web" };
}

/** The storage with the deepest root above the path. */
function localFile(call: Call, field: Field, given: Given, path: string): object {
  const clean = path.replaceAll("\\", "/");
  let best: { storage: Storage; root: string } | null = null;
  for (const storage of storages(call))
    for (const root of Object.values(storage.roots))
      if (root !== null && isBelow(clean, root) && root.length > (best?.root.length ?? -1))
        best = { storage, root };
  if (!best) throw noStorage(call, path);
  const relative = clean.slice(best.root.length).replace(/^\//, "");
  return placed(call, field, given, best.storage, relative);
}

function relativeFile(call: Call, given: Given, path: string): object {
  const wanted = (given.local_storage ?? {}) as Given;
  const storage = storages(call).find(({ id, name }) => wanted.id === id || wanted.name === name);
  if (!storage) throw noStorage(call, path);
  return placed(call, null, given, storage, path.replaceAll("\\", "/"));
}

function placed(call: Call, field: Field | null, given: Given, storage: Storage, relative: string): object {
  const name = typeof given.name === "string" ? given.name : (relative.split("/").at(-1) ?? relative);
  const paths = PLATFORMS.map((platform) => {
    const root = storage.roots[platform];
    const path = root === null ? null : `${root.replace(/\/$/, "")}/${relative}`;
    return [`local_path_${platform}`, platform === "windows" ? (path?.replaceAll("/", "\\") ?? null) : path];
  });
  return {
    ...attachment(call, field, name),
    name,
    content_type: null,
    link_type: "local",
    local_path: paths.find(([, path]) => path !== null)?.[1] ?? null,
    ...Object.fromEntries(paths),
    relative_path: relative,
    local_storage: { type: "LocalStorage", id: storage.id, name: storage.name },
  };
}

/** Every file of another type's field has an Attachment row of its own. */
function attachment({ core, at, caller }: Call, field: Field | null, name: string): object {
  if (field?.entityType === "Attachment") return { type: "Attachment" };
  const id = core.sequences.draw("Attachment");
  const { type, id: user } = caller.user;
  const created_by = { type, id: user };
  core.rows.insert(core.schema.type("Attachment"), id, {
    display_name: name,
    created_at: at,
    updated_at: at,
    created_by,
    updated_by: created_by,
  });
  return { type: "Attachment", id };
}

function storages({ core }: Call): Storage[] {
  const rows = core.db.all(
    `SELECT id, code, mac_path, windows_path, linux_path FROM "LocalStorage" WHERE "row.live" = 1`,
  );
  const root = (cell: Cell | undefined) =>
    typeof cell === "string" ? cell.replaceAll("\\", "/").replace(/\/$/, "") : null;
  return rows.map(([id, name, mac, windows, linux]) => ({
    id: Number(id),
    name: String(name),
    roots: { mac: root(mac), windows: root(windows), linux: root(linux) },
  }));
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

function noStorage(call: Call, path: string): Error {
  return crud(
    call,
    6,
    `${failedFor(call)} [Attachment]: Path ${path} doesn't match any defined Local Storage.`,
  );
}
