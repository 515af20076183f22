/** The form endpoint `upload_file`, and files that were linked from the cloud (protocol notes 8.3). */
import type { Call } from "../core.ts";
import { writeChange, writeNew } from "../events/write.ts";
import type { Ref } from "../store/columns.ts";
import type { Values } from "../store/rows.ts";
import { withDefaults } from "../write/defaults.ts";
import { writeList } from "../write/links.ts";
import { stamp } from "../write/update.ts";
import { attachmentPath } from "./addresses.ts";
import { type Form, fileIn, type StoredFile, targetIn, uploadField } from "./form.ts";
import { drawFileId, keepFile } from "./records.ts";
import { publish } from "./thumbnails.ts";

/** What the event log tells of a new Attachment, in this order. */
const TOLD = ["display_name", "filename", "sg_status_list", "tag_list", "this_file"];

/** Returns the id of the new Attachment (or thumbnail, for an image field). */
export function uploadFile(call: Call, form: Form): number {
  return attach(call, form, fileIn(call, form));
}

export function attach(call: Call, form: Form, file: StoredFile): number {
  const target = targetIn(call, form);
  const name = form.fields.field_name;
  const { display_name = file.name, tag_list } = form.fields;
  if (!name) return newAttachment(call, file, { display_name, tag_list, target, linked: true });
  if (call.core.schema.field(target.type, name)?.dataType === "image")
    return publish(call, target, name, file);
  const field = uploadField(call, target, name, "url");
  const itself = target.type === "Attachment";
  const id = itself
    ? target.id
    : newAttachment(call, file, { display_name, tag_list, target, linked: false });
  if (itself) keepFile(call.core, id, "attachment", file);
  const type = call.core.schema.type(target.type);
  const old = call.core.rows.find(target.type, target.id)?.values[name] ?? null;
  const value = fileValue(id, display_name, file);
  call.core.rows.update(type, target.id, { [name]: value, ...(itself && factsOf(file)) });
  stamp(call, type, target.id);
  writeChange(call, target, { field, old, new: value }, false);
  return id;
}

interface About {
  display_name: string;
  tag_list: string | undefined;
  /** What the file was uploaded to. */
  target: Ref;
  /** Shown among the target's attachments. */
  linked: boolean;
}

function newAttachment(
  call: Call,
  file: StoredFile,
  { display_name, tag_list, target, linked }: About,
): number {
  const { core } = call;
  const type = core.schema.type("Attachment");
  const id = drawFileId(core);
  const row = { type: type.name, id };
  const values = withDefaults(call, type, id, {
    display_name,
    ...factsOf(file),
    this_file: fileValue(id, display_name, file),
    project: projectOf(call, target),
    ...(tag_list && {
      tag_list: tag_list
        .split(",")
        .map((tag) => tag.trim())
        .filter(Boolean),
    }),
  });
  core.rows.insert(type, id, values);
  keepFile(core, id, "attachment", file);
  writeNew(call, row);
  for (const name of TOLD) {
    const value = values[name] ?? null;
    if (value !== null)
      writeChange(call, row, { field: type.fields.get(name)!, old: null, new: value }, true);
  }
  if (linked) link(call, target, row);
  return id;
}

function fileValue(id: number, name: string, { contentType }: StoredFile): Values {
  const content_type = contentType ?? "application/octet-stream";
  return { type: "Attachment", id, name, url: attachmentPath(id), content_type, link_type: "upload" };
}

function factsOf({ name, size }: StoredFile): Values {
  const extension = name.includes(".") ? name.split(".").at(-1)! : null;
  return {
    filename: name,
    original_fname: name,
    file_extension: extension,
    file_size: Math.min(size, 2 ** 31 - 1),
  };
}

/** The attachment is shown among those of the target, where its type has such a list. */
function link(call: Call, target: Ref, row: Ref): void {
  const { schema } = call.core;
  const links = schema.field("Attachment", "attachment_links")!;
  const own = schema.field(target.type, "attachments");
  const [owner, field, ref] = links.validTypes.includes(target.type)
    ? [row, links, target]
    : [target, own, row];
  if (field?.dataType !== "multi_entity") return;
  const change = writeList(call, owner, { field, refs: [ref], mode: "add" });
  if (change) writeChange(call, owner, change, owner === row);
}

function projectOf({ core }: Call, { type, id }: Ref): Ref | null {
  if (type === "Project") return { type, id };
  return (core.rows.find(type, id)?.values.project as Ref | undefined) ?? null;
}
