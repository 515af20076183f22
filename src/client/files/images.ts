/** `image` and `filmstrip_image` in `create` and `update`: paths of pictures to upload (protocol notes 8.5). */
import { BadArgument } from "../argument.ts";
import type { Connection, MethodCall } from "../connection.ts";
import type { EntityRecord } from "../entity.ts";
import { findRecords, readQuery } from "../read.ts";
import { type LocalFile, localFile } from "./local-file.ts";
import { uploadFile } from "./upload.ts";

const PART_BYTES = 20_000_000;

/** A picture for a field, looked at before anything is written. */
export interface Picture {
  field: string;
  file: LocalFile;
}

/** @throws BadArgument when one of them is no file */
export function readPictures(paths: ReadonlyMap<string, string>): Promise<Picture[]> {
  return Promise.all(
    Array.from(paths, async ([field, path]) => {
      try {
        return { field, file: await localFile(path) };
      } catch (error) {
        throw error instanceof BadArgument ? new BadArgument(`in data.${field}, ${error.message}`) : error;
      }
    }),
  );
}

/** Uploads pictures to a record one after the other, and puts into it where they can be seen. */
export async function addPictures(
  connection: Connection,
  call: MethodCall,
  record: EntityRecord,
  pictures: readonly Picture[],
): Promise<EntityRecord> {
  const { type, id } = record;
  // Should the upload fail, the error tells which record is there without its picture.
  call.facts.entityId = id;
  const info = await connection.info(call);
  for (const { field, file } of pictures) {
    await uploadFile(connection, call, file, { type, id, fieldName: field, partBytes: PART_BYTES });
    const query = readQuery(type, [["id", "is", id]], [field], { limit: 1 }, true);
    const [found] = await findRecords(query, info, call.facts, (payload) =>
      connection.read(call, "read", payload),
    );
    record[field] = found?.[field] ?? null;
  }
  return record;
}
