/** Files on their way to the site: their forms and what it would answer (protocol notes 8). */
import type { WireReply } from "../../../client/transport.ts";
import type { Pending } from "./pending.ts";
import { type SiteForm, textReply } from "./request.ts";
import type { Told } from "./writes.ts";

/** What the site shows of a picture until it has looked at it. */
const TRANSIENT = "/images/status/transient/thumbnail_pending.png";

/** @param origin scheme and host of the site */
export function takeForm(
  form: SiteForm,
  origin: string,
  pending: Pending,
): { reply: WireReply; write: Told | null } {
  const { name, fields } = form;
  // bytes go to an address that is only made up
  const place = () => `${origin}/dry-run/${-pending.placeholder()}`;
  switch (name) {
    case "api_get_upload_link_info":
      return { reply: textReply(`1\n${place()}\n0\n${fields.upload_type ?? ""}\ndry-run\n`), write: null };
    case "api_get_upload_link_for_part":
      return { reply: textReply(`1\n${place()}\n`), write: null };
    case "api_complete_multipart_upload":
      return { reply: textReply("1\n"), write: null };
    case "upload_file":
    case "publish_thumbnail":
    case "api_link_file":
      return upload(form, origin, pending);
    case "share_thumbnail":
      return { reply: answer(pending.placeholder()), write: told("share_thumbnail", null, form) };
    default: {
      const note = "Callsheet does not know this form, and takes it for a write.";
      return { reply: textReply("1\n"), write: { ...told(name, null, form), note } };
    }
  }
}

function upload(form: SiteForm, origin: string, pending: Pending): { reply: WireReply; write: Told } {
  const { fields, file, name } = form;
  const entity = { type: fields.entity_type ?? "", id: Number(fields.entity_id), name: null };
  const id = pending.placeholder();
  const isPicture = name === "publish_thumbnail" || fields.upload_link_info?.includes("\nThumbnail\n");
  const field = isPicture ? (fields.filmstrip ? "filmstrip_image" : "image") : fields.field_name;
  const shown = file?.name ?? fields.display_name ?? null;
  const value = isPicture
    ? `${origin}${TRANSIENT}`
    : { type: "Attachment", id, link_type: "upload", name: shown, url: null };
  if (field) pending.set(entity.type, entity.id, field, value);
  const given = { field: field ?? null, file: shown, ...(file && { bytes: file.bytes }) };
  return { reply: answer(id), write: { ...told("upload", entity, form), given } };
}

function answer(id: number): WireReply {
  return textReply(`1:${id}\n`);
}

function told(method: string, entity: Told["entity"], { fields }: SiteForm): Told {
  const { script_name: _, script_key: _key, user_login: _login, user_password: _pw, ...rest } = fields;
  const { auth_token: _token, session_token: _session, session_uuid: _uuid, ...given } = rest;
  return { method, batch: null, entity, fields: [], given, note: null };
}
