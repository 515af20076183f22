/** Files: uploads, thumbnails, downloads. What does the work is loaded when the first file travels. */
import { BadArgument, requireCount, requireText, show } from "../argument.ts";
import type { EntityRef } from "../entity.ts";
import type { Progress } from "../files/download.ts";
import type { UploadTarget } from "../files/upload.ts";
import type { CallOptions } from "../options.ts";
import type { CheckEntity, CheckFileField } from "../types.ts";
import { connectionOf } from "./base.ts";
import { ReadingMethods } from "./reading.ts";

export interface UploadOptions extends CallOptions {
  /** Default: the file's name. */
  displayName?: string | undefined;
  /** Tags, separated by commas. */
  tagList?: string | undefined;
  /** Larger files go to a cloud storage in parts of so many bytes, of which storages want 5 MB at least. Default 20,000,000. */
  partBytes?: number | undefined;
}

export interface ShareThumbnailOptions extends CallOptions {
  /** A file for all; it is uploaded to the first entity. Either this or `sourceEntity`. */
  thumbnailPath?: string | undefined;
  /** An entity that has the thumbnail. */
  sourceEntity?: EntityRef | undefined;
  /** True for the filmstrip instead. Default false. */
  filmstripThumbnail?: boolean | undefined;
}

export interface DownloadOptions extends CallOptions {
  /** Called for each piece that arrives. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** The value of a url field, an Attachment, or an Attachment's id. */
export type AttachmentRef = number | { url?: unknown; type?: unknown; id?: unknown; [key: string]: unknown };

const PART_BYTES = 20_000_000;

export abstract class FileMethods extends ReadingMethods {
  /**
   * Uploads a file into a field of an entity, or, without a field, attaches it to the entity. Returns the id of the
   * Attachment. The fields `image` and `filmstrip_image` take thumbnails.
   * @example
   * ```ts
   * await sg.upload("Version", 5, "/renders/sh010_v003.mov", "sg_uploaded_movie");
   * ```
   */
  upload<Type extends string, Name extends string = never>(
    type: CheckEntity<Type>,
    id: number,
    path: string,
    fieldName?: CheckFileField<Type, Name> | null,
    options: UploadOptions = {},
  ): Promise<number> {
    return this.#upload("upload", path, { type, id, fieldName: fieldName || null }, options);
  }

  /** Makes a picture the thumbnail of an entity. Returns the thumbnail's id. */
  uploadThumbnail<Type extends string>(
    type: CheckEntity<Type>,
    id: number,
    path: string,
    options: CallOptions = {},
  ): Promise<number> {
    return this.#upload("uploadThumbnail", path, { type, id, fieldName: "thumb_image" }, options);
  }

  /** Makes a picture, frames of 240 pixels side by side, the filmstrip of an entity. Returns the thumbnail's id. */
  uploadFilmstripThumbnail<Type extends string>(
    type: CheckEntity<Type>,
    id: number,
    path: string,
    options: CallOptions = {},
  ): Promise<number> {
    const target = { type, id, fieldName: "filmstrip_thumb_image" };
    return this.#upload("uploadFilmstripThumbnail", path, target, options);
  }

  /**
   * Gives several entities the same thumbnail, of a file or of another entity. Returns its id, or null when the source
   * has none, in which case theirs are cleared.
   * @throws ThumbnailNotReadyError while the site is still making the source's thumbnail
   */
  shareThumbnail(entities: readonly EntityRef[], options: ShareThumbnailOptions): Promise<number | null> {
    const connection = connectionOf(this);
    return connection.run("shareThumbnail", entities?.[0], options, async (call) => {
      const { shareThumbnail } = await import("../files/upload.ts");
      const { thumbnailPath, sourceEntity, filmstripThumbnail: filmstrip = false } = options;
      const from = { thumbnailPath, sourceEntity, filmstrip, partBytes: PART_BYTES };
      return shareThumbnail(connection, call, entities, from);
    });
  }

  /** Where an attachment can be downloaded; null for null. Nothing is sent. */
  async getAttachmentDownloadUrl(attachment: AttachmentRef | null): Promise<string | null> {
    return connectionOf(this).run("getAttachmentDownloadUrl", null, {}, async () => {
      const { attachmentUrl } = await import("../files/download.ts");
      return attachmentUrl(this.url, attachment);
    });
  }

  /**
   * Downloads an attachment: into memory, into the file `filePath`, which appears when it is complete, or as a stream.
   * Null for null, so that the value of an empty field can be given as it is.
   * @example
   * ```ts
   * const version = await sg.findOne("Version", [["id", "is", 5]], ["sg_uploaded_movie"]);
   * await sg.downloadAttachment(version?.sg_uploaded_movie as AttachmentRef, {
   *   filePath: "/tmp/review.mov",
   *   onProgress: ({ received, total }) => console.log(received, total),
   *   signal: AbortSignal.timeout(600_000),
   * });
   * ```
   */
  downloadAttachment(attachment: null, options?: DownloadOptions): Promise<null>;
  downloadAttachment(
    attachment: AttachmentRef,
    options: DownloadOptions & { filePath: string },
  ): Promise<string>;
  downloadAttachment(
    attachment: AttachmentRef,
    options: DownloadOptions & { stream: true },
  ): Promise<ReadableStream<Uint8Array>>;
  downloadAttachment(attachment: AttachmentRef, options?: DownloadOptions): Promise<Uint8Array>;
  downloadAttachment(
    attachment: AttachmentRef | null,
    options: DownloadOptions & { filePath?: string; stream?: boolean } = {},
  ): Promise<Uint8Array | ReadableStream<Uint8Array> | string | null> {
    const connection = connectionOf(this);
    const about = typeof attachment === "number" ? { type: "Attachment", id: attachment } : attachment;
    return connection.run("downloadAttachment", about, options, async (call) => {
      const { filePath, stream, onProgress } = options;
      if (filePath !== undefined) requireText(filePath, "filePath");
      if (filePath !== undefined && stream) throw new BadArgument("either filePath or stream can be given");
      if (onProgress !== undefined && typeof onProgress !== "function")
        throw new BadArgument(`onProgress must be a function, got ${show(onProgress)}`);
      const { attachmentUrl, collect, counted, openDownload, saveTo } = await import("../files/download.ts");
      const url = attachmentUrl(this.url, attachment);
      if (url === null) return null;
      const body = counted(await openDownload(connection, call, url), onProgress);
      if (stream) return body;
      if (filePath === undefined) return collect(body);
      await saveTo(filePath, body);
      return filePath;
    });
  }

  #upload(
    method: string,
    path: string,
    target: Pick<UploadTarget, "type" | "id" | "fieldName">,
    options: UploadOptions,
  ): Promise<number> {
    const connection = connectionOf(this);
    return connection.run(method, target, options, async (call) => {
      const { displayName, tagList, partBytes = PART_BYTES } = options;
      requireCount(partBytes, "partBytes");
      if (partBytes === 0) throw new BadArgument("partBytes must be above 0, got 0");
      const { upload } = await import("../files/upload.ts");
      return upload(connection, call, path, { ...target, displayName, tagList, partBytes });
    });
  }
}
