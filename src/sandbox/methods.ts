/** Every method the site knows, by its name on the wire (protocol notes 3). */
import { getSessionToken } from "./access/session-method.ts";
import {
  exportPage,
  preferencesRead,
  updateProjectLastAccessed,
  userSubscriptionsCreate,
  userSubscriptionsRead,
} from "./account/methods.ts";
import type { Call } from "./core.ts";
import { navExpand, navSearch } from "./navigation/methods.ts";
import { read } from "./query/read.ts";
import { summarize } from "./query/summarize.ts";
import { workScheduleRead, workScheduleUpdate } from "./schedule/methods.ts";
import { schemaEntityRead, schemaFieldRead, schemaRead } from "./schema/replies.ts";
import { schemaFieldCreate, schemaFieldDelete, schemaFieldUpdate } from "./schema/writes.ts";
import { follow, followers, following, unfollow } from "./social/follow.ts";
import { queryDisplayNameCache } from "./social/search.ts";
import { activityStream } from "./social/stream.ts";
import { noteThreadContents } from "./social/thread.ts";
import { batch } from "./write/batch.ts";
import { create } from "./write/create.ts";
import { retire, revive } from "./write/retire.ts";
import { update } from "./write/update.ts";

type Payload = Record<string, unknown>;

export interface Method {
  /** Runs in a transaction. */
  writes: boolean;
  run(call: Call, payload: never): unknown;
}

const reads = (run: (call: Call, payload: Payload) => unknown): Method => ({ writes: false, run });
const writes = (run: (call: Call, payload: Payload) => unknown): Method => ({ writes: true, run });

/** `info` is not here: it takes no credentials. */
export const METHODS: ReadonlyMap<string, Method> = new Map([
  ["read", reads(read)],
  ["summarize", reads(summarize)],
  ["create", writes(create)],
  ["update", writes(update)],
  ["delete", writes(retire)],
  ["revive", writes(revive)],
  ["batch", { writes: true, run: batch }],
  ["get_session_token", reads(getSessionToken)],
  ["preferences_read", reads(preferencesRead)],
  ["export_page", reads(exportPage)],
  ["user_subscriptions_read", reads(userSubscriptionsRead)],
  ["user_subscriptions_create", writes(userSubscriptionsCreate)],
  ["update_project_last_accessed_by_current_user", writes(updateProjectLastAccessed)],
  ["schema_read", reads(schemaRead)],
  ["schema_entity_read", reads(schemaEntityRead)],
  ["schema_field_read", reads(schemaFieldRead)],
  ["schema_field_create", writes(schemaFieldCreate)],
  ["schema_field_update", writes(schemaFieldUpdate)],
  ["schema_field_delete", writes(schemaFieldDelete)],
  ["follow", writes(follow)],
  ["unfollow", writes(unfollow)],
  ["followers", reads(followers)],
  ["following", reads(following)],
  ["activity_stream", reads(activityStream)],
  ["note_thread_contents", reads(noteThreadContents)],
  ["query_display_name_cache", reads(queryDisplayNameCache)],
  ["work_schedule_read", reads(workScheduleRead)],
  ["nav_expand", reads(navExpand)],
  ["nav_search", reads(navSearch)],
  ["work_schedule_update", writes(workScheduleUpdate)],
]);
