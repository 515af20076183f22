/** Each method of the Python client, and ours in its place. */
import type { Shotgun } from "callsheet/client";
import { fromPython, type RecordedCall } from "./python.ts";

type Given = Record<string, never>;

interface Counterpart {
  /** Names of the positional arguments, in their order. */
  names: string[];
  /** Those of them that are positional with us too; the others are options. */
  positional: string[];
  call(sg: Shotgun, given: Given, options: Given): unknown;
}

/** @param names positional arguments; those behind a bar are options with us */
const of = (names: string, call: Counterpart["call"]): Counterpart => ({
  names: names.split(/[ |]+/).filter(Boolean),
  positional: names.split(" | ")[0]!.split(" "),
  call,
});

const CALLS: Record<string, Counterpart> = {
  __init__: of("", () => {}),
  info: of("", (sg) => sg.info()),
  connect: of("", (sg) => sg.connect()),
  server_info: of("", (sg) => sg.serverInfo()),
  server_caps: of("", (sg) => sg.serverCaps()),
  find: of("entity_type filters fields", (sg, { entity_type, filters, fields }, rest) =>
    sg.find(entity_type!, filters!, fields, rest),
  ),
  find_one: of("entity_type filters fields", (sg, { entity_type, filters, fields }, rest) =>
    sg.findOne(entity_type!, filters!, fields, rest),
  ),
  summarize: of("entity_type filters summary_fields", (sg, { entity_type, filters, summary_fields }, rest) =>
    sg.summarize(entity_type!, filters!, summary_fields!, rest),
  ),
  create: of("entity_type data return_fields", (sg, { entity_type, data, return_fields }) =>
    sg.create(entity_type!, data!, return_fields),
  ),
  update: of("entity_type entity_id data", (sg, { entity_type, entity_id, data }, rest) =>
    sg.update(entity_type!, entity_id!, data!, rest),
  ),
  delete: of("entity_type entity_id", (sg, { entity_type, entity_id }) =>
    sg.delete(entity_type!, entity_id!),
  ),
  revive: of("entity_type entity_id", (sg, { entity_type, entity_id }) =>
    sg.revive(entity_type!, entity_id!),
  ),
  batch: of("requests", (sg, { requests }) => sg.batch(requests!)),
  schema: of("entity_type", (sg, { entity_type }) => sg.schema(entity_type!)),
  entity_types: of("", (sg) => sg.entityTypes()),
  schema_read: of("project", (sg, { project }) => sg.schemaRead(inProject(project))),
  schema_entity_read: of("project", (sg, { project }) => sg.schemaEntityRead(inProject(project))),
  schema_field_read: of("entity_type field_name project", (sg, { entity_type, field_name, project }) =>
    sg.schemaFieldRead(entity_type!, field_name, inProject(project)),
  ),
  schema_field_create: of(
    "entity_type data_type display_name properties",
    (sg, { entity_type, data_type, display_name, properties }) =>
      sg.schemaFieldCreate(entity_type!, data_type!, display_name!, properties),
  ),
  schema_field_update: of(
    "entity_type field_name properties project",
    (sg, { entity_type, field_name, properties, project }) =>
      sg.schemaFieldUpdate(entity_type!, field_name!, properties!, inProject(project)),
  ),
  schema_field_delete: of("entity_type field_name", (sg, { entity_type, field_name }) =>
    sg.schemaFieldDelete(entity_type!, field_name!),
  ),
  authenticate_human_user: of("login password token", (sg, { login, password, token }) =>
    sg.authenticateHumanUser(login!, password!, token),
  ),
  get_session_token: of("", (sg) => sg.getSessionToken()),
  follow: of("user entity", (sg, { user, entity }) => sg.follow(user!, entity!)),
  unfollow: of("user entity", (sg, { user, entity }) => sg.unfollow(user!, entity!)),
  followers: of("entity", (sg, { entity }) => sg.followers(entity!)),
  following: of("user | project entity_type", (sg, { user }, rest) => sg.following(user!, rest)),
  work_schedule_read: of("start_date end_date | project user", (sg, { start_date, end_date }, rest) =>
    sg.workScheduleRead(start_date!, end_date!, rest),
  ),
  work_schedule_update: of(
    "date working description | project user recalculate_field",
    (sg, { date, working, description }, rest) => sg.workScheduleUpdate(date!, working!, description, rest),
  ),
  note_thread_read: of("note_id entity_fields", (sg, { note_id, entity_fields }) =>
    sg.noteThreadRead(note_id!, entity_fields),
  ),
  text_search: of("text entity_types | project_ids limit", (sg, { text, entity_types }, rest) =>
    sg.textSearch(text!, entity_types!, rest),
  ),
  activity_stream_read: of("entity_type entity_id", (sg, { entity_type, entity_id }, rest) =>
    sg.activityStreamRead(entity_type!, entity_id!, rest),
  ),
  nav_expand: of("path | seed_entity_field entity_fields", (sg, { path }, rest) => sg.navExpand(path!, rest)),
  nav_search_string: of(
    "root_path search_string | seed_entity_field",
    (sg, { root_path, search_string }, rest) => sg.navSearchString(root_path!, search_string!, rest),
  ),
  nav_search_entity: of("root_path entity | seed_entity_field", (sg, { root_path, entity }, rest) =>
    sg.navSearchEntity(root_path!, entity!, rest),
  ),
  preferences_read: of("prefs", (sg, { prefs }) => sg.preferencesRead(prefs)),
  export_page: of("page_id format | layout_name", (sg, { page_id, format }, rest) =>
    sg.exportPage(page_id!, format!, rest),
  ),
  user_subscriptions_read: of("", (sg) => sg.userSubscriptionsRead()),
  user_subscriptions_create: of("users", (sg, { users }) => sg.userSubscriptionsCreate(users!)),
  update_project_last_accessed: of("project user", (sg, { project, user }) =>
    sg.updateProjectLastAccessed(project!, user),
  ),
  upload: of(
    "entity_type entity_id path field_name | display_name tag_list",
    (sg, { entity_type, entity_id, path, field_name }, rest) =>
      sg.upload(entity_type!, entity_id!, path!, field_name, rest),
  ),
  upload_thumbnail: of("entity_type entity_id path", (sg, { entity_type, entity_id, path }) =>
    sg.uploadThumbnail(entity_type!, entity_id!, path!),
  ),
  upload_filmstrip_thumbnail: of("entity_type entity_id path", (sg, { entity_type, entity_id, path }) =>
    sg.uploadFilmstripThumbnail(entity_type!, entity_id!, path!),
  ),
  share_thumbnail: of(
    "entities | thumbnail_path source_entity filmstrip_thumbnail",
    (sg, { entities }, rest) => sg.shareThumbnail(entities!, rest),
  ),
  download_attachment: of(
    "attachment | file_path attachment_id",
    (sg, { attachment }, { attachmentId, ...rest }) =>
      sg.downloadAttachment(attachment === undefined ? attachmentId! : attachment, rest),
  ),
  get_attachment_download_url: of("attachment", (sg, { attachment }) =>
    sg.getAttachmentDownloadUrl(attachment!),
  ),
};

const inProject = (project: undefined | never) => (project ? { project } : {});

/** Every method of the Python client. */
export const PYTHON_METHODS = Object.keys(CALLS).filter((name) => name !== "__init__");

/** Whether a method of the Python client has a counterpart. */
export const isKnown = ({ method }: RecordedCall): boolean => method in CALLS;

export interface OurTerms {
  /** Puts what names a place of the recording in our terms. */
  replace?: (text: string) => string;
  /** Arguments in the place of recorded ones, and more of them. */
  instead?: Record<string, unknown>;
  /** Of dates without a zone; default: that of the recording. */
  zone?: string | undefined;
}

/** Our call for a recorded one. */
export function ourCall(
  sg: Shotgun,
  { method, args = [], kwargs = {} }: RecordedCall,
  { replace = (text) => text, instead = {}, zone }: OurTerms = {},
): () => unknown {
  const { names, positional, call } = CALLS[method]!;
  const named = Object.fromEntries(args.map((value, index) => [names[index] ?? `#${index}`, value]));
  const text = JSON.stringify({ ...named, ...kwargs });
  const recorded = fromPython(JSON.parse(replace(text)), zone) as Record<string, unknown>;
  const given = { ...recorded, ...instead };
  const options = Object.fromEntries(
    Object.entries(given)
      .filter(([key]) => !positional.includes(key))
      .map(([key, value]) => [camel(key), value]),
  );
  return () => call(sg, given as Given, options as Given);
}

export function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
