/** Uploads by way of an S3-like storage (protocol notes 8.4): the site hands out links, then links what was put there. */
import type { Call, Core } from "../core.ts";
import { malformed } from "../fault.ts";
import { attach } from "./attachments.ts";
import { type Form, fieldIn, isTrue, type StoredFile, targetIn } from "./form.ts";
import { imageField, publish } from "./thumbnails.ts";
import { newKey, partKey } from "./vault.ts";

/** An upload that was announced; its bytes are put under `key`, or in parts. */
export interface Upload {
  key: string;
  uploadId: string;
  type: "Attachment" | "Thumbnail";
  name: string;
  contentType: string | null;
  /** Null until all bytes are there. */
  size: number | null;
}

export const STORAGE = "/sandbox/storage/";

/** `1`, the address to put to, the time, the upload type, the id of a multi-part upload or nothing, a path. */
export function getUploadLinkInfo(call: Call, form: Form): string {
  const type = fieldIn(call, form, "upload_type");
  if (type !== "Attachment" && type !== "Thumbnail")
    throw malformed(
      `API ${call.method}() invalid 'upload_type' ${JSON.stringify(type)}: expected Attachment or Thumbnail`,
    );
  const name = fieldIn(call, form, "filename");
  const key = newKey();
  const uploadId = isTrue(form.fields.multipart_upload) ? newKey() : "";
  call.core.db.run("INSERT INTO site_upload (key, upload_id, type, name) VALUES (?, ?, ?, ?)", [
    key,
    uploadId,
    type,
    name,
  ]);
  return ["1", storageUrl(call.core, key), call.at, type, uploadId, `uploads/${key}/original`, ""].join("\n");
}

export function getUploadLinkForPart(call: Call, form: Form): string {
  const upload = partsUpload(call, form);
  const part = fieldIn(call, form, "part_number");
  if (!/^[1-9]\d{0,3}$/.test(part))
    throw malformed(`API ${call.method}() invalid 'part_number' ${JSON.stringify(part)}: expected 1 to 9999`);
  return `1\n${storageUrl(call.core, upload.key)}?part=${part}\n`;
}

/** The upload that `api_complete_multipart_upload` is about, and the etags it names, in order. */
export function completion(call: Call, form: Form): { upload: Upload; etags: string[] } {
  const upload = partsUpload(call, form);
  if (upload.size !== null) throw malformed(`API ${call.method}() the upload is complete already.`);
  const etags = fieldIn(call, form, "etags")
    .split(",")
    .map((etag) => etag.trim().replace(/^"|"$/g, ""));
  return { upload, etags };
}

export function partKeys({ key }: Upload, count: number): string[] {
  return Array.from({ length: count }, (_, at) => partKey(key, at + 1));
}

/** Makes what was put into the storage a file of the site. */
export function linkFile(call: Call, form: Form): number {
  const info = fieldIn(call, form, "upload_link_info").split("\n");
  const key = /\/storage\/([0-9a-f]{32})$/.exec(info[1]?.trim() ?? "")?.[1];
  const upload = key ? findUpload(call.core, key) : undefined;
  if (!upload) throw malformed(`API ${call.method}() 'upload_link_info' names no upload of this site.`);
  if (upload.size === null)
    throw malformed(`API ${call.method}() the file ${upload.name} was not put into the storage.`);
  const file: StoredFile = { ...upload, size: upload.size, place: "cloud" };
  const id =
    upload.type === "Thumbnail"
      ? publish(call, targetIn(call, form), imageField(form.fields.filmstrip), file)
      : attach(call, form, file);
  call.core.db.run("DELETE FROM site_upload WHERE key = ?", [upload.key]);
  return id;
}

export function findUpload({ db }: Core, key: string): Upload | undefined {
  return uploadOf(db.get(`${SELECT} WHERE key = ?`, [key]));
}

/** All bytes of an upload are there. */
export function markStored({ db }: Core, key: string, size: number, contentType: string | null): void {
  db.run("UPDATE site_upload SET size = ?, content_type = coalesce(?, content_type) WHERE key = ?", [
    size,
    contentType,
    key,
  ]);
}

function partsUpload(call: Call, form: Form): Upload {
  const id = fieldIn(call, form, "upload_id");
  const upload = uploadOf(call.core.db.get(`${SELECT} WHERE upload_id = ?`, [id]));
  if (upload) return upload;
  throw malformed(`API ${call.method}() there is no multi-part upload with this 'upload_id'.`);
}

const SELECT = "SELECT key, upload_id, type, name, content_type, size FROM site_upload";

function uploadOf(found: unknown[] | undefined): Upload | undefined {
  if (!found) return undefined;
  const [key, uploadId, type, name, contentType, size] = found as [
    string,
    string,
    Upload["type"],
    string,
    string | null,
    number | null,
  ];
  return { key, uploadId, type, name, contentType, size };
}

function storageUrl({ settings }: Core, key: string): string {
  return `${settings.url}${STORAGE}${key}`;
}
