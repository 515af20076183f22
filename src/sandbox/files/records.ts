/** The rows behind files: which bytes belong to which id, under which name. */
import type { Core } from "../core.ts";
import type { StoredFile } from "./form.ts";

export type FileKind = "attachment" | "thumbnail";

/** Attachments and thumbnails share one sequence of ids. */
export function drawFileId({ sequences }: Core): number {
  const id = sequences.draw("Attachment");
  sequences.save("Attachment");
  return id;
}

export function keepFile({ db }: Core, id: number, kind: FileKind, file: StoredFile): void {
  db.run(
    "INSERT OR REPLACE INTO site_file (id, kind, key, name, content_type, size, place) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [id, kind, file.key, file.name, file.contentType, file.size, file.place],
  );
}

/** Undefined when it is not there, or its Attachment is retired. */
export function findFile({ db, names }: Core, id: number): (StoredFile & { kind: FileKind }) | undefined {
  const found = db.get("SELECT kind, key, name, content_type, size, place FROM site_file WHERE id = ?", [id]);
  if (!found) return undefined;
  const [kind, key, name, contentType, size, place] = found as [
    FileKind,
    string,
    string,
    string | null,
    number,
    StoredFile["place"],
  ];
  if (kind === "attachment" && !names.live("Attachment", id)) return undefined;
  return { kind, key, name, contentType, size, place };
}
