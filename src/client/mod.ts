/** The client, for tools of one's own: `import { Shotgun } from "callsheet/client"`. Every name is listed. */

export { Float, float, parseExact, stringifyExact } from "../json.ts";
export type { Credentials, ScriptCredentials, SessionCredentials, UserCredentials } from "./credentials.ts";
export type { EntityData, EntityRecord, EntityRef, MultiEntityUpdateModes } from "./entity.ts";
export type { CallFacts } from "./errors.ts";
export {
  AbortedError,
  ArgumentError,
  AuthenticationFault,
  Fault,
  FileDownloadError,
  MissingTwoFactorAuthenticationFault,
  ProtocolError,
  ReplyError,
  ShotgunError,
  SiteTooOldError,
  ThumbnailNotReadyError,
  UnreachableError,
  UserCredentialsNotAllowedForOxygenAuthenticationFault,
  UserCredentialsNotAllowedForSSOAuthenticationFault,
} from "./errors.ts";
export type { Progress } from "./files/download.ts";
export type {
  Condition,
  Filter,
  FilterGroup,
  FilterOperator,
  Filters,
  Relation,
  WireCondition,
  WireGroup,
} from "./filters.ts";
export type { HttpTransportOptions } from "./http.ts";
export { openHttpTransport } from "./http.ts";
export type { ServerCaps } from "./methods/base.ts";
export type {
  AttachmentRef,
  DownloadOptions,
  ShareThumbnailOptions,
  UploadOptions,
} from "./methods/files.ts";
export type {
  FollowingOptions,
  WorkDay,
  WorkDayException,
  WorkScheduleOptions,
  WorkScheduleUpdateOptions,
} from "./methods/people.ts";
export type {
  ActivityStream,
  ActivityStreamOptions,
  ActivityUpdate,
  EntityFields,
  ExportPageOptions,
  NavExpandOptions,
  NavOptions,
  TextSearchMatch,
  TextSearchOptions,
  TextSearchResult,
} from "./methods/reading.ts";
export type { FieldProperties } from "./methods/schema.ts";
export type { CallOptions, ConnectionOptions, ShotgunOptions } from "./options.ts";
export type { FindOneOptions, FindOptions, Order } from "./read.ts";
export type { RetryOptions } from "./retry.ts";
export type { Pause } from "./rpc.ts";
export type {
  EntitySchema,
  FieldSchema,
  FieldsSchema,
  SchemaOptions,
  SchemaProperty,
  SiteSchema,
} from "./schema.ts";
export { Shotgun } from "./shotgun.ts";
export type { SiteInfo } from "./site-info.ts";
export type { Grouping, SummarizeOptions, Summary, SummaryField, SummaryGroup } from "./summarize.ts";
export type {
  BodyPart,
  FileSlice,
  SendOptions,
  Transport,
  TransportFailure,
  WireReply,
  WireRequest,
  WireStream,
} from "./transport.ts";
export { TransportError } from "./transport.ts";
export type { CreateOnlyField, EntityName, Field, FieldName, ReadOnlyField, SiteEntities } from "./types.ts";
export type { FileLink, FileLinkInput, Link, LinkInput } from "./types-values.ts";
export type { CreateData, UpdateData } from "./types-write.ts";
export type { BatchRequest, UpdateOptions } from "./write.ts";
