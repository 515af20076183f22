/** Where files are served. Values are kept without the site's address, which changes from run to run. */
import type { Core } from "../core.ts";

/** What an image field reads before its thumbnail is ready (protocol notes 8.5). */
export const TRANSIENT = "/images/status/transient/thumbnail_pending.png";

const ATTACHMENT = "/file_serve/attachment/";
const THUMBNAIL = "/images/thumbnails/";
const KEPT_FILE = `"url":"${ATTACHMENT}`;

export function attachmentPath(id: number): string {
  return `${ATTACHMENT}${id}`;
}

export function thumbnailPath(id: number): string {
  return `${THUMBNAIL}${id}`;
}

/** The id in such a path: of an attachment, or of a thumbnail; null for other paths. */
export function idInPath(path: string, kind: "attachment" | "thumbnail"): number | null {
  const start = kind === "attachment" ? ATTACHMENT : THUMBNAIL;
  const digits = path.startsWith(start) ? path.slice(start.length) : "";
  return /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}

/** An image field as it is read. */
export function imageUrl({ settings }: Core, kept: string): string {
  return kept.startsWith("/") ? settings.url + kept : kept;
}

/** A `url` field as it is read, both sides as JSON text. */
export function fileJson({ settings }: Core, kept: string): string {
  const url = JSON.stringify(settings.url).slice(1, -1);
  return kept.replace(KEPT_FILE, `"url":"${url}${ATTACHMENT}`);
}
