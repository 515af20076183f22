/** Thumbnails: transient first, final a little later, each with an event (protocol notes 8.5 and 9.3). */
import type { Call, Core } from "../core.ts";
import { writeChangeAlone } from "../events/write.ts";
import { malformed } from "../fault.ts";
import type { Ref } from "../store/columns.ts";
import type { Values } from "../store/rows.ts";
import { stamp } from "../write/update.ts";
import { idInPath, TRANSIENT, thumbnailPath } from "./addresses.ts";
import {
  type Form,
  fieldIn,
  fileIn,
  isTrue,
  type StoredFile,
  targetIn,
  targetOf,
  uploadField,
} from "./form.ts";
import { drawFileId, keepFile } from "./records.ts";

/** Returns the id of the thumbnail. */
export function publishThumbnail(call: Call, form: Form): number {
  return publish(call, targetIn(call, form), imageField(form.fields.filmstrip), fileIn(call, form));
}

export function imageField(filmstrip: string | undefined): string {
  return isTrue(filmstrip) ? "filmstrip_image" : "image";
}

export function publish(call: Call, target: Ref, fieldName: string, file: StoredFile): number {
  const { core } = call;
  uploadField(call, target, fieldName, "image");
  const id = drawFileId(core);
  keepFile(core, id, "thumbnail", file);
  core.db.run(
    "INSERT OR REPLACE INTO site_thumbnail (type, id, field, file, caller, due) VALUES (?, ?, ?, ?, ?, ?)",
    [
      target.type,
      target.id,
      fieldName,
      id,
      JSON.stringify({ ...call.caller, denied: undefined }),
      Date.now() + core.settings.thumbnailMs,
    ],
  );
  writeImage(call, target, { [fieldName]: TRANSIENT }, true);
  return id;
}

/** What waits to become final. */
export interface Pending extends Ref {
  field: string;
  file: number;
  /** The caller who uploaded it, as JSON. */
  caller: string;
}

/** @param until of the computer's clock, in milliseconds */
export function pendingThumbnails({ db }: Core, until: number): Pending[] {
  const rows = db.all(
    "SELECT type, id, field, file, caller FROM site_thumbnail WHERE due <= ? ORDER BY file",
    [until],
  );
  return rows.map(([type, id, field, file, caller]) => ({
    type: String(type),
    id: Number(id),
    field: String(field),
    file: Number(file),
    caller: String(caller),
  }));
}

/** The final image, unless the field was cleared or its row retired meanwhile. */
export function finishThumbnail(call: Call, pending: Pending): void {
  const { type, id, field, file } = pending;
  call.core.db.run("DELETE FROM site_thumbnail WHERE type = ? AND id = ? AND field = ?", [type, id, field]);
  const row = call.core.rows.find(type, id);
  if (!row?.live || row.values[field] !== TRANSIENT) return;
  writeImage(call, { type, id }, { [field]: thumbnailPath(file) }, false);
}

/** What `share_thumbnail` says of a source that is still transient. */
export const NOT_READY = "source_entity image is a transient thumbnail that cannot be shared.";

/** Gives the source's image to others. Returns its id, null for a source without one, or {@link NOT_READY}. */
export function shareThumbnail(call: Call, form: Form): number | null | typeof NOT_READY {
  const field = imageField(form.fields.filmstrip_thumbnail);
  const source = namedIn(call, fieldIn(call, form, "source_entity"));
  uploadField(call, source, field, "image");
  const targets = fieldIn(call, form, "entities")
    .split(",")
    .map((text) => namedIn(call, text.trim()));
  for (const target of targets) uploadField(call, target, field, "image");
  const image = call.core.rows.find(source.type, source.id)?.values[field] as string | null;
  if (image === TRANSIENT) return NOT_READY;
  for (const target of targets)
    writeImage(call, target, { [field]: image, image_source_entity: source }, false);
  return image === null ? null : idInPath(image, "thumbnail");
}

/** `Version_123` */
function namedIn(call: Call, text: string): Ref {
  const [, type, id] = /^(\w+)_(\d+)$/.exec(text) ?? [];
  if (!type || !id)
    throw malformed(
      `API ${call.method}() expected entities such as Version_123, got: ${JSON.stringify(text)}`,
    );
  return targetOf(call, type, id);
}

/** Writes an image field and what goes with it; the image field is told. */
function writeImage(call: Call, target: Ref, values: Values, transient: boolean): void {
  const { core } = call;
  const type = core.schema.type(target.type);
  const before = core.rows.find(target.type, target.id)!.values;
  core.rows.update(type, target.id, values);
  stamp(call, type, target.id);
  const [name] = Object.keys(values) as [string];
  const change = { field: type.fields.get(name)!, old: before[name] ?? null, new: values[name], transient };
  writeChangeAlone(call, target, change, false);
}
