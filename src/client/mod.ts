/** The client, for tools of one's own: `import { Shotgun } from "callsheet/client"`. Every name is listed. */

export { Float, float, parseExact, stringifyExact } from "../json.ts";
export type { EntityData, EntityRecord, EntityRef, MultiEntityUpdateModes } from "./entity.ts";
export type { CallFacts } from "./errors.ts";
export {
  AbortedError,
  ArgumentError,
  AuthenticationFault,
  Fault,
  MissingTwoFactorAuthenticationFault,
  ProtocolError,
  ReplyError,
  ShotgunError,
  SiteTooOldError,
  UnreachableError,
  UserCredentialsNotAllowedForOxygenAuthenticationFault,
  UserCredentialsNotAllowedForSSOAuthenticationFault,
} from "./errors.ts";
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
export type { CallOptions, ShotgunOptions } from "./options.ts";
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
export type { SendOptions, Transport, TransportFailure, WireReply, WireRequest } from "./transport.ts";
export { TransportError } from "./transport.ts";
export type { BatchRequest, UpdateOptions } from "./write.ts";
