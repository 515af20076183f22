/** People: their log-in, what they follow, their working days, their licences. */
import { BadArgument, requireText, requireType, show } from "../argument.ts";
import { type EntityRecord, type EntityRef, isObject } from "../entity.ts";
import { callName, ReplyError } from "../errors.ts";
import type { CallOptions } from "../options.ts";
import { findRecords, readQuery } from "../read.ts";
import { answered, answeredList } from "../record.ts";
import { outbound, requireEntity } from "../values.ts";
import { connectionOf } from "./base.ts";
import { SchemaMethods } from "./schema.ts";

/** One day of a work schedule. */
export interface WorkDay {
  working: boolean;
  /** The most specific rule that applies: `STUDIO_WORK_WEEK`, `STUDIO_EXCEPTION`, `PROJECT_EXCEPTION`, `USER_EXCEPTION`. */
  reason: string;
  description: string | null;
}

/** An exception from the work week, as stored. */
export interface WorkDayException {
  date: string;
  working: boolean;
  description: string | null;
  project: EntityRef | null;
  user: EntityRef | null;
}

export interface WorkScheduleOptions extends CallOptions {
  /** The schedule of this project. Default: the studio's. */
  project?: EntityRef | undefined;
  /** The schedule of this person. Default: nobody's in particular. */
  user?: EntityRef | undefined;
}

export interface WorkScheduleUpdateOptions extends WorkScheduleOptions {
  /** Of tasks with changed working days: `"due_date"` or `"duration"`. Default: the site's preference. */
  recalculateField?: "due_date" | "duration" | undefined;
}

export interface FollowingOptions extends CallOptions {
  project?: EntityRef | undefined;
  /** Only entities of this type. */
  entityType?: string | undefined;
}

export abstract class PeopleMethods extends SchemaMethods {
  /**
   * The person whose login and password these are, with `id` and `login`; null when that account is not active. The
   * connection itself stays as it is, and goes on with its own credentials.
   * @throws AuthenticationFault when the password is wrong
   */
  authenticateHumanUser(
    login: string,
    password: string,
    authToken?: string | null,
    options: CallOptions = {},
  ): Promise<EntityRecord<{ login: string }> | null> {
    const connection = connectionOf(this);
    return connection.run("authenticateHumanUser", null, options, async (call) => {
      requireText(login, "the login");
      if (typeof password !== "string" || password === "")
        throw new BadArgument("the password must be a text");
      const filters = [
        ["sg_status_list", "is", "act"],
        ["login", "is", login],
      ];
      const query = readQuery("HumanUser", filters, ["id", "login"], { limit: 1 }, true);
      const as = { kind: "user", login, password, authToken: authToken || null } as const;
      const info = await connection.info(call);
      const found = await findRecords(query, info, call.facts, (payload) =>
        connection.read(call, "read", payload, { login: as }),
      );
      return (found[0] as EntityRecord<{ login: string }> | undefined) ?? null;
    });
  }

  /**
   * A token that opens the same session elsewhere: as `sessionToken`, or as the cookie `_session_id`. The site is asked once an
   * hour, since sessions end; one that a code of the second factor opened is kept, as there is no other.
   */
  getSessionToken(options: CallOptions = {}): Promise<string> {
    const connection = connectionOf(this);
    return connection.run("getSessionToken", null, options, (call) => connection.sessionToken(call));
  }

  /** Makes a person follow an entity: its updates appear in that person's inbox. */
  follow(user: EntityRef, entity: EntityRef, options: CallOptions = {}) {
    return this.#follow("follow", user, entity, options) as Promise<{
      followed: boolean;
      user: EntityRef;
      entity: EntityRef;
    }>;
  }

  /** Undoes `follow`. */
  unfollow(user: EntityRef, entity: EntityRef, options: CallOptions = {}) {
    return this.#follow("unfollow", user, entity, options) as Promise<{
      unfollowed: boolean;
      user: EntityRef;
      entity: EntityRef;
    }>;
  }

  /** The people who follow an entity. */
  followers(entity: EntityRef, options: CallOptions = {}): Promise<EntityRecord[]> {
    const connection = connectionOf(this);
    return connection.run("followers", entity, options, async (call) => {
      const payload = { entity: requireEntity(entity, "the entity") };
      await connection.require(call, FOLLOW, "followers");
      return answeredList(await connection.read(call, "followers", payload)) as EntityRecord[];
    });
  }

  /** What a person follows. */
  following(user: EntityRef, options: FollowingOptions = {}): Promise<EntityRecord[]> {
    const connection = connectionOf(this);
    return connection.run("following", options?.entityType ?? null, options, async (call) => {
      const { project, entityType } = options;
      const payload: Record<string, unknown> = { user: requireEntity(user, "the user") };
      if (project) payload.project = requireEntity(project, "the project");
      if (entityType !== undefined) {
        requireType(entityType);
        payload.entity_type = entityType;
      }
      await connection.require(call, [7, 0, 12], "following");
      return answeredList(await connection.read(call, "following", payload)) as EntityRecord[];
    });
  }

  /**
   * The days between two dates, both included, by date; dates are texts like "2026-11-01".
   * @example
   * ```ts
   * const days = await sg.workScheduleRead("2026-12-21", "2026-12-31", { project: { type: "Project", id: 70 } });
   * const free = Object.keys(days).filter((date) => !days[date]!.working);
   * ```
   */
  workScheduleRead(start: string, end: string, options: WorkScheduleOptions = {}) {
    const connection = connectionOf(this);
    return connection.run("workScheduleRead", null, options, async (call) => {
      const { project, user } = options;
      const payload = {
        start_date: requireDay(start, "the start"),
        end_date: requireDay(end, "the end"),
        project: project ? requireEntity(project, "the project") : null,
        user: user ? requireEntity(user, "the user") : null,
      };
      await connection.require(call, [3, 2, 0], "the work schedule");
      return answered<Record<string, WorkDay>>(await connection.read(call, "work_schedule_read", payload));
    });
  }

  /** Makes one day a working day or a free one, for the studio, a project or a person. */
  workScheduleUpdate(
    date: string,
    working: boolean,
    description: string | null = null,
    options: WorkScheduleUpdateOptions = {},
  ): Promise<WorkDayException> {
    const connection = connectionOf(this);
    return connection.run("workScheduleUpdate", null, options, async (call) => {
      const { project, user, recalculateField } = options;
      if (typeof working !== "boolean")
        throw new BadArgument(`working must be true or false, got ${show(working)}`);
      const payload = {
        date: requireDay(date, "the date"),
        working,
        description: outbound(description, "the description"),
        project: project ? requireEntity(project, "the project") : null,
        user: user ? requireEntity(user, "the user") : null,
        recalculate_field: recalculateField ?? null,
      };
      await connection.require(call, [3, 2, 0], "the work schedule");
      return answered<WorkDayException>(await connection.write(call, "work_schedule_update", payload));
    });
  }

  /** The licences of the site's people. */
  userSubscriptionsRead(options: CallOptions = {}): Promise<Record<string, unknown>[]> {
    const connection = connectionOf(this);
    return connection.run("userSubscriptionsRead", null, options, async (call) => {
      return answeredList(await connection.read(call, "user_subscriptions_read"));
    });
  }

  /** Gives people licences, or takes them away; false when the site did not. */
  userSubscriptionsCreate(
    users: readonly Record<string, unknown>[],
    options: CallOptions = {},
  ): Promise<boolean> {
    const connection = connectionOf(this);
    return connection.run("userSubscriptionsCreate", null, options, async (call) => {
      if (!Array.isArray(users)) throw new BadArgument(`users must be a list, got ${show(users)}`);
      const payload = { users: outbound(users, "users") };
      const { results } = await connection.write(call, "user_subscriptions_create", payload);
      return isObject(results) && results.status === "success";
    });
  }

  /**
   * Puts a project at the top of a person's recently used ones.
   * @param user default: whoever is acting, which must be a person (a login, or `sudoAsLogin`) for most sites
   */
  updateProjectLastAccessed(
    project: EntityRef,
    user?: EntityRef | null,
    options: CallOptions = {},
  ): Promise<void> {
    const connection = connectionOf(this);
    return connection.run(
      "updateProjectLastAccessed",
      { type: "Project", id: project?.id },
      options,
      async (call) => {
        const { id } = requireEntity(project, "the project");
        const given = user ? requireEntity(user, "the user").id : undefined;
        await connection.require(call, [5, 3, 20], "updateProjectLastAccessed");
        const userId = given ?? (await this.#actingUser(options));
        const payload = userId === undefined ? { project_id: id } : { project_id: id, user_id: userId };
        const { results, facts } = await connection.write(
          call,
          "update_project_last_accessed_by_current_user",
          payload,
        );
        if (Array.isArray(results) && results.length > 0) return;
        throw new ReplyError(`The site answered ${callName(facts)} without a record.`, facts, {
          uncertain: true,
        });
      },
    );
  }

  async #actingUser(options: CallOptions): Promise<number | undefined> {
    const connection = connectionOf(this);
    const login = connection.actingLogin;
    if (login === null) return undefined;
    return connection.run("updateProjectLastAccessed", "HumanUser", options, async (call) => {
      const query = readQuery("HumanUser", [["login", "is", login]], [], { limit: 1 }, true);
      const info = await connection.info(call);
      const [user] = await findRecords(query, info, call.facts, (payload) =>
        connection.read(call, "read", payload),
      );
      if (user) return user.id;
      throw new BadArgument(`there is no active person with the login ${show(login)}`);
    });
  }

  #follow(method: "follow" | "unfollow", user: EntityRef, entity: EntityRef, options: CallOptions) {
    const connection = connectionOf(this);
    return connection.run(method, entity, options, async (call) => {
      const payload = { user: requireEntity(user, "the user"), entity: requireEntity(entity, "the entity") };
      await connection.require(call, FOLLOW, method);
      return answered(await connection.write(call, method, payload));
    });
  }
}

// 5.2 by the notes, but sites from 5.1.22 on have it (protocol notes 1.6).
const FOLLOW = [5, 1, 22] as const;

function requireDay(value: unknown, what: string): string {
  if (typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value)) return value;
  throw new BadArgument(`${what} must be a date like "2026-11-01", got ${show(value)}`);
}
