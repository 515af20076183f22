/** The files of a site: what the form endpoints take, what is served, thumbnails becoming final. */
import { type Core, wireTime } from "../core.ts";
import { Recorder } from "../events/recorder.ts";
import { malformed, SiteFault } from "../fault.ts";
import { idInPath, TRANSIENT } from "./addresses.ts";
import { uploadFile } from "./attachments.ts";
import {
  completion,
  findUpload,
  getUploadLinkForPart,
  getUploadLinkInfo,
  linkFile,
  markStored,
  partKeys,
  STORAGE,
  type Upload,
} from "./cloud.ts";
import type { StoredFile } from "./form.ts";
import { PLACEHOLDER } from "./placeholder.ts";
import { findFile } from "./records.ts";
import {
  finishThumbnail,
  NOT_READY,
  pendingThumbnails,
  publishThumbnail,
  shareThumbnail,
} from "./thumbnails.ts";
import { etagOf, newKey, partKey, type Vault } from "./vault.ts";

/** A file as it came in a form. */
export interface GivenFile {
  name: string;
  contentType: string | null;
  bytes: Buffer;
}

/** What a GET is answered with. */
export type ServedFile = { bytes: Buffer; contentType: string; name: string | null } | { redirect: string };

export interface FormMethod {
  /** Runs in a transaction. */
  writes: boolean;
  run(call: never, payload: never): unknown;
}

/** By the last part of their address (protocol notes 8.1). */
export const FORM_METHODS: ReadonlyMap<string, FormMethod> = new Map<string, FormMethod>([
  ["upload_file", { writes: true, run: uploadFile }],
  ["publish_thumbnail", { writes: true, run: publishThumbnail }],
  ["share_thumbnail", { writes: true, run: shareThumbnail }],
  ["api_get_upload_link_info", { writes: false, run: getUploadLinkInfo }],
  ["api_get_upload_link_for_part", { writes: false, run: getUploadLinkForPart }],
  ["api_complete_multipart_upload", { writes: false, run: completion }],
  ["api_link_file", { writes: true, run: linkFile }],
]);

/** Runs a method with credentials and payload; resolves with the text of a JSON reply. */
export type RunMethod = (name: string, method: FormMethod, params: unknown[]) => Promise<string>;

export class SiteFiles {
  readonly #core: Core;
  readonly #vault: Vault;
  readonly #run: RunMethod;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(core: Core, vault: Vault, run: RunMethod) {
    this.#core = core;
    this.#vault = vault;
    this.#run = run;
    // Those of an earlier run of the same site.
    this.settleThumbnails();
  }

  /**
   * A form that was sent to `/upload/<name>`.
   * @returns the reply's text: a `0` line and the reason when it is refused (protocol notes 8.2)
   */
  async form(
    name: string,
    auth: object,
    fields: Record<string, string>,
    given: GivenFile | null,
  ): Promise<string> {
    const method = FORM_METHODS.get(name);
    if (!method) return "0\nThere is no such form endpoint.\n";
    let file: StoredFile | null = null;
    try {
      file = given && (await this.#store(given));
      const reply = JSON.parse(await this.#run(name, method, [auth, { fields, file }]));
      if (reply.exception) throw new SiteFault(reply.error_code, reply.message);
      this.#settleLater();
      return await this.#replyTo(name, reply.results);
    } catch (error) {
      if (file) await this.#vault.remove(file.key);
      if (!(error instanceof SiteFault)) throw error;
      return `0\n${error.message}\n`;
    }
  }

  /** Bytes for an address that `api_get_upload_link_info` gave out. Resolves with their etag, null for an unknown address. */
  async put(
    key: string,
    part: number | null,
    bytes: Buffer,
    contentType: string | null,
  ): Promise<string | null> {
    const upload = findUpload(this.#core, key);
    if (!upload || part === 0 || (upload.uploadId === "") !== (part === null)) return null;
    await this.#vault.put(part === null ? key : partKey(key, part), bytes);
    if (part === null) markStored(this.#core, key, bytes.length, contentType);
    return etagOf(bytes);
  }

  /** @param path of a GET; null when nothing is served there */
  async serve(path: string): Promise<ServedFile | null> {
    if (path === TRANSIENT) return { bytes: PLACEHOLDER, contentType: "image/png", name: null };
    if (path.startsWith(STORAGE)) return this.#fromStorage(path.slice(STORAGE.length));
    const thumbnail = idInPath(path, "thumbnail");
    const id = thumbnail ?? idInPath(path, "attachment");
    const file = id === null ? undefined : findFile(this.#core, id);
    if (!file || (thumbnail !== null && file.kind !== "thumbnail")) return null;
    if (file.place === "cloud") return { redirect: `${this.#core.settings.url}${STORAGE}${file.key}` };
    return this.#bytesOf(file, thumbnail === null);
  }

  /** Thumbnails that are still transient become final now. */
  settleThumbnails(): void {
    this.#settle(Number.MAX_SAFE_INTEGER);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #store({ name, contentType, bytes }: GivenFile): Promise<StoredFile> {
    const file: StoredFile = { key: newKey(), name, contentType, size: bytes.length, place: "direct" };
    await this.#vault.put(file.key, bytes);
    return file;
  }

  async #replyTo(name: string, result: unknown): Promise<string> {
    if (name === "api_complete_multipart_upload") {
      await this.#complete(result as { upload: Upload; etags: string[] });
      return "1\n";
    }
    if (result === NOT_READY) return `2\n${NOT_READY}\n`;
    return typeof result === "string" ? result : `1:${result ?? ""}\n`;
  }

  async #complete({ upload, etags }: { upload: Upload; etags: string[] }): Promise<void> {
    const keys = partKeys(upload, etags.length);
    for (const [at, key] of keys.entries()) {
      const bytes = await this.#vault.get(key);
      if (!bytes || etagOf(bytes) !== `"${etags[at]}"`)
        throw malformed(
          `API api_complete_multipart_upload() part ${at + 1} was not put into the storage with this etag.`,
        );
    }
    markStored(this.#core, upload.key, await this.#vault.join(upload.key, keys), null);
  }

  async #fromStorage(key: string): Promise<ServedFile | null> {
    const found = this.#core.db.get("SELECT id FROM site_file WHERE key = ?", [key]);
    const file = found && findFile(this.#core, Number(found[0]));
    return file ? this.#bytesOf(file, file.kind === "attachment") : null;
  }

  async #bytesOf({ key, name, contentType }: StoredFile, named: boolean): Promise<ServedFile | null> {
    const bytes = await this.#vault.get(key);
    return (
      bytes && { bytes, contentType: contentType ?? "application/octet-stream", name: named ? name : null }
    );
  }

  #settleLater(): void {
    if (pendingThumbnails(this.#core, Number.MAX_SAFE_INTEGER).length === 0) return;
    const { thumbnailMs } = this.#core.settings;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      try {
        this.#settle(Date.now());
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error));
      }
      // A timer may be early by a little.
    }, thumbnailMs + 20);
    this.#timers.add(timer.unref());
  }

  #settle(until: number): void {
    const core = this.#core;
    const pending = pendingThumbnails(core, until);
    if (pending.length === 0) return;
    core.db.transaction(() => {
      for (const thumbnail of pending) {
        const events = new Recorder(core.log, core.sequences);
        const caller = JSON.parse(thumbnail.caller);
        const at = wireTime(core.now());
        finishThumbnail({ core, caller, method: "publish_thumbnail", events, at }, thumbnail);
        events.save();
      }
    });
  }
}
