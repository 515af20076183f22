/** The options that each method takes, by name: at run time nobody else knows them. */
import type { DownloadOptions, ShareThumbnailOptions, UploadOptions } from "./methods/files.ts";
import type { FollowingOptions, WorkScheduleOptions, WorkScheduleUpdateOptions } from "./methods/people.ts";
import type {
  ActivityStreamOptions,
  ExportPageOptions,
  NavExpandOptions,
  NavOptions,
  TextSearchOptions,
} from "./methods/reading.ts";
import type { FindOneOptions, FindOptions } from "./read.ts";
import type { SchemaOptions } from "./schema.ts";
import type { SummarizeOptions } from "./summarize.ts";
import type { UpdateOptions } from "./write.ts";

/** Every name of the options, and no other. */
type Names<Options> = Readonly<Record<Exclude<keyof Options, "signal">, true>>;

const FIND_ONE: Names<FindOneOptions> = {
  order: true,
  filterOperator: true,
  retiredOnly: true,
  includeArchivedProjects: true,
  additionalFilterPresets: true,
};
const FIND: Names<FindOptions> = { ...FIND_ONE, limit: true, page: true };
const SUMMARIZE: Names<SummarizeOptions> = {
  grouping: true,
  filterOperator: true,
  includeArchivedProjects: true,
};
const UPDATE: Names<UpdateOptions> = { multiEntityUpdateModes: true };
const SCHEMA: Names<SchemaOptions> = { project: true };
const FOLLOWING: Names<FollowingOptions> = { project: true, entityType: true };
const WORK_SCHEDULE: Names<WorkScheduleOptions> = { project: true, user: true };
const WORK_SCHEDULE_UPDATE: Names<WorkScheduleUpdateOptions> = { ...WORK_SCHEDULE, recalculateField: true };
const ACTIVITY_STREAM: Names<ActivityStreamOptions> = {
  entityFields: true,
  minId: true,
  maxId: true,
  limit: true,
};
const TEXT_SEARCH: Names<TextSearchOptions> = { projectIds: true, limit: true };
const NAV: Names<NavOptions> = { seedEntityField: true };
const NAV_EXPAND: Names<NavExpandOptions> = { ...NAV, entityFields: true };
const EXPORT_PAGE: Names<ExportPageOptions> = { layoutName: true };
const UPLOAD: Names<UploadOptions> = { displayName: true, tagList: true, partBytes: true };
const SHARE_THUMBNAIL: Names<ShareThumbnailOptions> = {
  thumbnailPath: true,
  sourceEntity: true,
  filmstripThumbnail: true,
};
const DOWNLOAD: Names<DownloadOptions & { filePath?: string; stream?: boolean }> = {
  filePath: true,
  stream: true,
  onProgress: true,
};

const BY_METHOD: Readonly<Record<string, object>> = {
  find: FIND,
  findOne: FIND_ONE,
  findEach: FIND,
  summarize: SUMMARIZE,
  update: UPDATE,
  schemaRead: SCHEMA,
  schemaEntityRead: SCHEMA,
  schemaFieldRead: SCHEMA,
  schemaFieldUpdate: SCHEMA,
  following: FOLLOWING,
  workScheduleRead: WORK_SCHEDULE,
  workScheduleUpdate: WORK_SCHEDULE_UPDATE,
  activityStreamRead: ACTIVITY_STREAM,
  textSearch: TEXT_SEARCH,
  navExpand: NAV_EXPAND,
  navSearchString: NAV,
  navSearchEntity: NAV,
  exportPage: EXPORT_PAGE,
  upload: UPLOAD,
  shareThumbnail: SHARE_THUMBNAIL,
  downloadAttachment: DOWNLOAD,
};

/** What a method takes; those that are not listed take a signal only. */
export function optionsOf(method: string): readonly string[] {
  return [...Object.keys(BY_METHOD[method] ?? {}), "signal"];
}
