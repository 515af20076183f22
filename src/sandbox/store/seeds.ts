/** The rows that any fresh site has (protocol notes 12.3). They are older than the event log: no events tell of them. */
import { CallsheetError } from "../../errors.ts";
import { setRules } from "../access/rules.ts";
import { setCodes, setSecret } from "../access/secrets.ts";
import { type Core, wireTime } from "../core.ts";
import type { Ref } from "./columns.ts";
import type { Values } from "./rows.ts";

export interface Seeds {
  scripts: SeedScript[];
  users: SeedUser[];
}

export interface SeedScript {
  name: string;
  key: string;
  /** What it may not do, such as `update_field Shot.sg_status_list`: see docs/sandbox.md. Default: nothing is denied. */
  deny?: string[];
}

export interface SeedUser {
  login: string;
  password: string;
  name?: string;
  /** Switches two-factor log-in on: each of these codes is good for one log-in. */
  codes?: string[];
  /** As for scripts. */
  deny?: string[];
}

const TEMPLATE_PROJECTS = ["Template Project", "Demo: Animation"];

/** Fills an empty site; gives a filled one the scripts and users it lacks, and all of them their secrets. */
export function seed(core: Core, { scripts, users }: Seeds): void {
  if (!core.db.get(`SELECT 1 FROM "Status"`)) seedSite(core);
  for (const { name, key, deny } of scripts) {
    const set = ruleSet(core, "ApiUser", "api_admin");
    const fields = {
      firstname: name,
      generate_event_log_entries: true,
      permission_rule_set: set,
      salted_password: "*******",
    };
    const id = findOrInsert(core, "ApiUser", "firstname", fields);
    setSecret(core.db, "ApiUser", id, key);
    if (deny) setOwnRules(core, { type: "ApiUser", id }, name, deny);
  }
  for (const { login, password, name = login, codes = [], deny } of users) {
    const [firstname, ...rest] = name.split(" ");
    const fields = {
      login,
      name,
      firstname,
      lastname: rest.join(" ") || null,
      sg_status_list: "act",
      can_impersonate_this_user: true,
      password_proxy: "*******",
      permission_rule_set: ruleSet(core, "HumanUser", "admin"),
    };
    const id = findOrInsert(core, "HumanUser", "login", fields);
    setSecret(core.db, "HumanUser", id, password);
    setCodes(core.db, id, codes);
    if (deny) setOwnRules(core, { type: "HumanUser", id }, login, deny);
  }
}

/** A script, or a person, by name. */
export type Who = { script: string } | { login: string };

/**
 * What somebody may not do, in place of what was denied before.
 * @throws CallsheetError USAGE when there is no such user, and for a rule that is not understood
 */
export function denyTo(core: Core, who: Who, deny: string[]): void {
  const [type, by, name] =
    "script" in who
      ? (["ApiUser", "firstname", who.script] as const)
      : (["HumanUser", "login", who.login] as const);
  const found = core.db.get(`SELECT id FROM "${type}" WHERE "${by}" = ? AND "row.live" = 1`, [name]);
  if (!found)
    throw new CallsheetError(
      "USAGE",
      `There is no ${"script" in who ? "script" : "person with the login"} ${name}.`,
    );
  setOwnRules(core, { type, id: Number(found[0]) }, name, deny);
}

/** A user with rules gets a permission rule set of its own. */
function setOwnRules(core: Core, user: Ref, name: string, deny: string[]): void {
  const code = `only_${name}`;
  const display_name = `Only ${name}`;
  const set =
    ruleSet(core, user.type, code)?.id ??
    insert(core, "PermissionRuleSet", { code, display_name, entity_type: user.type });
  setRules(core.db, core.schema, set, deny);
  core.rows.update(core.schema.type(user.type), user.id, {
    permission_rule_set: { type: "PermissionRuleSet", id: set },
  });
}

function seedSite(core: Core): void {
  const { file } = core;
  for (const { entity_type, codes } of file.permission_rule_sets)
    for (const code of codes)
      insert(core, "PermissionRuleSet", { code, display_name: titled(code), entity_type });
  for (const { code, name, system } of file.statuses) insert(core, "Status", { code, name, system });
  for (const { entity_type, code, short_name, list_order } of file.steps)
    insert(core, "Step", { entity_type, code, short_name, list_order });
  for (const name of TEMPLATE_PROJECTS) {
    const isTemplate = name === TEMPLATE_PROJECTS[0];
    insert(core, "Project", {
      name,
      is_template: isTemplate,
      is_demo: !isTemplate,
      sg_status: "Active",
      archived: false,
    });
  }
  const now = wireTime(core.now());
  insert(core, "Page", {
    name: "Projects",
    page_type: "project_index",
    last_accessed: now,
    system_owned: true,
  });
}

function insert(core: Core, typeName: string, given: Values): number {
  const type = core.schema.type(typeName);
  const id = core.sequences.draw(typeName);
  const now = wireTime(core.now());
  const values: Values = { ...given };
  for (const name of ["created_at", "updated_at"]) if (type.fields.has(name)) values[name] ??= now;
  core.rows.insert(type, id, values);
  return id;
}

function findOrInsert(core: Core, type: string, by: string, fields: Values): number {
  const found = core.db.get(`SELECT id FROM "${type}" WHERE "${by}" = ? AND "row.live" = 1`, [
    fields[by] as string,
  ]);
  return found ? Number(found[0]) : insert(core, type, fields);
}

function ruleSet(core: Core, entityType: string, code: string): Ref | null {
  const found = core.db.get(`SELECT id FROM "PermissionRuleSet" WHERE entity_type = ? AND code = ?`, [
    entityType,
    code,
  ]);
  return found ? { type: "PermissionRuleSet", id: Number(found[0]) } : null;
}

/** `api_admin` → `Api Admin` */
function titled(code: string): string {
  return code.replace(/(^|_)(.)/g, (_match, gap, letter) => `${gap && " "}${letter.toUpperCase()}`);
}
