/** Uploads and thumbnails, straight to the site or through its cloud storage (protocol notes 8.3 to 8.5). */
import { BadArgument, requireId, requireType, show } from "../argument.ts";
import type { Connection, MethodCall } from "../connection.ts";
import type { EntityRef } from "../entity.ts";
import { isObject } from "../entity.ts";
import { callName, Fault, ReplyError, ThumbnailNotReadyError } from "../errors.ts";
import type { SiteInfo } from "../site-info.ts";
import { requireEntity } from "../values.ts";
import { type FormFields, type FormReply, idOf, sendForm } from "./form.ts";
import { type LocalFile, localFile } from "./local-file.ts";
import { storeFile } from "./storage.ts";

/** Where a file goes, and how it is called there. */
export interface UploadTarget {
  type: string;
  id: number;
  /** Null attaches the file to the entity as such. */
  fieldName: string | null;
  displayName?: string | undefined;
  /** Tags, separated by commas. */
  tagList?: string | undefined;
  /** Files above this size go to the storage in parts of it. */
  partBytes: number;
}

export type ThumbnailField = "thumb_image" | "filmstrip_thumb_image";

const THUMBNAIL_FIELDS: Record<string, ThumbnailField> = {
  image: "thumb_image",
  thumb_image: "thumb_image",
  filmstrip_image: "filmstrip_thumb_image",
  filmstrip_thumb_image: "filmstrip_thumb_image",
};

/** Uploads a file and returns the id of the Attachment or Thumbnail. */
export async function upload(
  connection: Connection,
  call: MethodCall,
  path: string,
  target: UploadTarget,
): Promise<number> {
  requireType(target.type);
  requireId(target.id);
  return uploadFile(connection, call, await localFile(path), target);
}

/** As `upload`, with a file that has been looked at. */
export async function uploadFile(
  connection: Connection,
  call: MethodCall,
  file: LocalFile,
  target: UploadTarget,
): Promise<number> {
  const thumbnail = THUMBNAIL_FIELDS[target.fieldName ?? ""] ?? null;
  if (thumbnail === "filmstrip_thumb_image")
    await connection.require(call, [3, 1, 0], "a filmstrip thumbnail");
  const info = await connection.info(call);
  const reply = goesToStorage(info, target.type, thumbnail ?? target.fieldName)
    ? await throughStorage(connection, call, file, target, thumbnail)
    : await straight(connection, call, file, target, thumbnail);
  const id = idOf(reply);
  if (id !== null) return id;
  throw new ReplyError(`The site answered ${callName(reply.facts)} without an id.`, reply.facts, {
    uncertain: true,
  });
}

/** The site names the types and fields whose files its storage takes; this one it always takes. */
function goesToStorage(info: SiteInfo, type: string, field: string | null): boolean {
  if (info.s3_direct_uploads_enabled !== true) return false;
  if (type === "Version" && field === "sg_uploaded_movie") return true;
  const enabled = isObject(info.s3_enabled_upload_types) ? info.s3_enabled_upload_types : {};
  const allows = (fields: unknown) =>
    fields === "*" ||
    (Array.isArray(fields) && (fields.includes("*") || (field !== null && fields.includes(field))));
  // A type that is named stands for itself; all others share "*".
  return type in enabled ? allows(enabled[type]) : allows(enabled["*"]);
}

function straight(
  connection: Connection,
  call: MethodCall,
  file: LocalFile,
  { type, id, fieldName, displayName, tagList }: UploadTarget,
  thumbnail: ThumbnailField | null,
): Promise<FormReply> {
  const fields = { entity_type: type, entity_id: String(id) };
  if (thumbnail !== null) {
    const more = filmstrip(thumbnail);
    return sendForm(connection, call, {
      path: "/upload/publish_thumbnail",
      fields,
      more,
      file: { field: "thumb_image", file },
    });
  }
  const more = described(file, fieldName, displayName, tagList);
  return sendForm(connection, call, {
    path: "/upload/upload_file",
    fields,
    more,
    file: { field: "file", file },
  });
}

async function throughStorage(
  connection: Connection,
  call: MethodCall,
  file: LocalFile,
  { type, id, fieldName, displayName, tagList, partBytes }: UploadTarget,
  thumbnail: ThumbnailField | null,
): Promise<FormReply> {
  const linkInfo = await storeFile(
    connection,
    call,
    file,
    thumbnail === null ? "Attachment" : "Thumbnail",
    partBytes,
  );
  return sendForm(connection, call, {
    path: "/upload/api_link_file",
    fields: { entity_type: type, entity_id: String(id), upload_link_info: linkInfo },
    more: thumbnail === null ? described(file, fieldName, displayName, tagList) : filmstrip(thumbnail),
  });
}

function filmstrip(thumbnail: ThumbnailField): FormFields {
  return thumbnail === "filmstrip_thumb_image" ? { filmstrip: "True" } : {};
}

function described(
  file: LocalFile,
  field: string | null,
  name: string | undefined,
  tags: string | undefined,
): FormFields {
  return {
    ...(field === null ? {} : { field_name: field }),
    display_name: name ?? file.name,
    ...(tags === undefined ? {} : { tag_list: tags }),
  };
}

export interface SharedThumbnail {
  thumbnailPath: string | undefined;
  sourceEntity: EntityRef | undefined;
  filmstrip: boolean;
  partBytes: number;
}

/** Gives entities one thumbnail; null when the source has none and theirs were cleared. */
export async function shareThumbnail(
  connection: Connection,
  call: MethodCall,
  entities: readonly EntityRef[],
  { thumbnailPath, sourceEntity, filmstrip, partBytes }: SharedThumbnail,
): Promise<number | null> {
  if (!Array.isArray(entities) || entities.length === 0) {
    throw new BadArgument(`entities must be a list that is not empty, got ${show(entities)}`);
  }
  const targets = entities.map((entity, index) => requireEntity(entity, `entities[${index}]`));
  if ((thumbnailPath === undefined) === (sourceEntity === undefined)) {
    throw new BadArgument("either thumbnailPath or sourceEntity must be given");
  }
  const given = sourceEntity && requireEntity(sourceEntity, "sourceEntity");
  await connection.require(call, [4, 0, 0], "shareThumbnail");
  if (given) return share(connection, call, targets, given, filmstrip);
  const [first, ...others] = targets as [EntityRef, ...EntityRef[]];
  const fieldName = filmstrip ? "filmstrip_thumb_image" : "thumb_image";
  const id = await upload(connection, call, thumbnailPath ?? "", {
    type: first.type,
    id: first.id,
    fieldName,
    partBytes,
  });
  return others.length === 0 ? id : share(connection, call, others, first, filmstrip);
}

async function share(
  connection: Connection,
  call: MethodCall,
  entities: readonly EntityRef[],
  source: EntityRef,
  filmstrip: boolean,
): Promise<number | null> {
  const name = ({ type, id }: EntityRef) => `${type}_${id}`;
  const reply = await sendForm(connection, call, {
    path: "/upload/share_thumbnail",
    fields: {
      entities: entities.map(name).join(","),
      source_entity: name(source),
      filmstrip_thumbnail: filmstrip ? "1" : "False",
    },
  });
  if (reply.code === "2") throw new ThumbnailNotReadyError(reply.text, reply.facts);
  if (reply.code === "1" && reply.id === null)
    throw new Fault(reply.text || "Unknown Error", null, reply.facts);
  return idOf(reply);
}
