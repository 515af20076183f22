/** Files of this machine that go to the site. */
import { stat } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { BadArgument, show } from "../argument.ts";

export interface LocalFile {
  /** Absolute. */
  path: string;
  name: string;
  /** Bytes. */
  size: number;
  /** By its extension; `application/octet-stream` for an unknown one. */
  type: string;
}

/** @throws BadArgument when there is none, or nothing in it */
export async function localFile(path: unknown): Promise<LocalFile> {
  if (typeof path !== "string" || path === "")
    throw new BadArgument(`the path must be a text, got ${show(path)}`);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new BadArgument(`the file ${show(path)} cannot be read: ${error.code ?? error.message}`);
  });
  if (!found.isFile()) throw new BadArgument(`${show(path)} is not a file`);
  if (found.size === 0) throw new BadArgument(`the file ${show(path)} is empty`);
  const type = TYPES[extname(path).toLowerCase()] ?? "application/octet-stream";
  return { path: resolve(path), name: basename(path), size: found.size, type };
}

/** What studios send. */
const TYPES: Record<string, string> = {
  ".aif": "audio/x-aiff",
  ".avi": "video/x-msvideo",
  ".bmp": "image/bmp",
  ".csv": "text/csv",
  ".doc": "application/msword",
  ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  ".gif": "image/gif",
  ".gz": "application/gzip",
  ".htm": "text/html",
  ".html": "text/html",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".log": "text/plain",
  ".m4a": "audio/mp4",
  ".m4v": "video/mp4",
  ".md": "text/markdown",
  ".mkv": "video/x-matroska",
  ".mov": "video/quicktime",
  ".mp3": "audio/mpeg",
  ".mp4": "video/mp4",
  ".mpeg": "video/mpeg",
  ".mpg": "video/mpeg",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".psd": "image/vnd.adobe.photoshop",
  ".py": "text/x-python",
  ".svg": "image/svg+xml",
  ".tar": "application/x-tar",
  ".tif": "image/tiff",
  ".tiff": "image/tiff",
  ".txt": "text/plain",
  ".wav": "audio/x-wav",
  ".webm": "video/webm",
  ".webp": "image/webp",
  ".xls": "application/vnd.ms-excel",
  ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  ".xml": "text/xml",
  ".zip": "application/zip",
};
