/**
 * Permission rules: what the holders of a permission rule set may not do (protocol notes 11). Without rules
 * everybody may do everything.
 */
import { CallsheetError } from "../../errors.ts";
import type { Call, Caller } from "../core.ts";
import { refused, type SiteFault } from "../fault.ts";
import type { Schema } from "../schema/schema.ts";
import type { Ref } from "../store/columns.ts";
import type { Database } from "../store/database.ts";

const ENTITY_VERBS = ["create_entity", "update_entity", "delete_entity", "read_entity"] as const;
const FIELD_VERBS = ["update_field", "read_field"] as const;
export type Verb = (typeof ENTITY_VERBS)[number] | (typeof FIELD_VERBS)[number] | "sudo";

/** By `verb target`: the words that name the rule in a fault. */
export type Denied = ReadonlyMap<string, string>;

const NOTHING: Denied = new Map();

/** The rules of the user's permission rule set. */
export function deniedTo(db: Database, { type, id }: Ref): Denied {
  const rows = db.all(
    `SELECT r.rowid, r.verb, r.target, s.display_name FROM site_rule r
     JOIN "${type}" u ON u."permission_rule_set.id" = r.rule_set AND u.id = ?
     JOIN "PermissionRuleSet" s ON s.id = r.rule_set`,
    [id],
  );
  if (rows.length === 0) return NOTHING;
  return new Map(
    rows.map(([rule, verb, target, set]) => {
      const what = target === "" ? String(verb) : `${verb} FOR ${target}`;
      return [`${verb} ${target}`, `Rule: ${set} -- PermissionRule ${rule}: DENY ${what}`];
    }),
  );
}

/**
 * Replaces the rules of a rule set.
 * @param deny such as `update_field Shot.sg_status_list`, `read_entity Note`, `sudo`
 * @throws CallsheetError USAGE for a rule that is not understood
 */
export function setRules(db: Database, schema: Schema, ruleSet: number, deny: string[]): void {
  db.run("DELETE FROM site_rule WHERE rule_set = ?", [ruleSet]);
  for (const rule of deny) {
    const [verb, target] = parseRule(schema, rule);
    db.run("INSERT OR IGNORE INTO site_rule (rule_set, verb, target) VALUES (?, ?, ?)", [
      ruleSet,
      verb,
      target,
    ]);
  }
}

function parseRule(schema: Schema, rule: string): [Verb, string] {
  const [verb, target = "", ...more] = rule.split(" ");
  const [type, field, ...deeper] = target.split(".");
  const known = (verbs: readonly string[]) => more.length === 0 && verbs.includes(verb!);
  if (known(["sudo"]) && target === "") return ["sudo", ""];
  if (known(ENTITY_VERBS) && schema.find(type) && field === undefined) return [verb as Verb, target];
  if (known(FIELD_VERBS) && deeper.length === 0 && schema.field(type!, field ?? ""))
    return [verb as Verb, target];
  throw new CallsheetError("USAGE", `"${rule}" is no permission rule.`, {
    hint: `Write sudo, or ${ENTITY_VERBS.join(", ")} and a type, or ${FIELD_VERBS.join(", ")} and Type.field.`,
  });
}

/** Undefined when the caller may. */
export function ruleAgainst(caller: Caller, verb: Verb, target = ""): string | undefined {
  return caller.denied?.get(`${verb} ${target}`);
}

/** @throws SiteFault when a rule is against it */
export function allowEntity(
  call: Call,
  verb: "create_entity" | "update_entity" | "delete_entity",
  type: string,
): void {
  const rule = ruleAgainst(call.caller, verb, type);
  const word = { create_entity: "created", update_entity: "updated", delete_entity: "deleted" }[verb];
  if (rule) throw denied(call, `${type} can not be ${word} by this user. ${rule}`);
}

/** @throws SiteFault when a rule is against writing the field */
export function allowField(call: Call, type: string, field: string): void {
  const name = `${type}.${field}`;
  const rule = ruleAgainst(call.caller, "update_field", name);
  if (rule) throw denied(call, `The field is not editable for this user: [${name}]. ${rule}`);
}

/** False when the caller may not read the field at the end of a path, or one on the way. */
export function mayRead(caller: Caller, type: string, path: string): boolean {
  if (!caller.denied?.size) return true;
  const names = [type, ...path.split(".")];
  for (let at = 0; at + 1 < names.length; at += 2) {
    const [on, field] = [names[at], names[at + 1]];
    if (ruleAgainst(caller, "read_entity", on) || ruleAgainst(caller, "read_field", `${on}.${field}`))
      return false;
  }
  return true;
}

function denied(call: Call, message: string): SiteFault {
  return refused(`API ${call.method}() CRUD ERROR #4.1: ${message}`);
}
