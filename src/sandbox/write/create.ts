/** The wire method `create` (protocol notes 5.1). */
import { allowEntity } from "../access/rules.ts";
import { type Call, JsonText } from "../core.ts";
import { EVENT_TYPE } from "../events/log.ts";
import { malformed } from "../fault.ts";
import { entityTypeIn } from "../query/entity-type.ts";
import { recordJson } from "../query/record.ts";
import type { EntityType } from "../schema/schema.ts";
import { insertRow } from "./birth.ts";
import { createEvent } from "./create-event.ts";
import { crud } from "./crud.ts";
import { nameSeededPerson } from "./first-name.ts";
import { followUp } from "./follow-up.ts";
import { type Inputs, readInputs } from "./inputs.ts";

export function create(call: Call, payload: Record<string, unknown>): JsonText {
  const type = entityTypeIn(call, payload);
  allowEntity(call, "create_entity", type.name);
  const inputs = readInputs(call, type, payload.fields);
  const id =
    type.name === EVENT_TYPE
      ? createEvent(call, inputs.values)
      : (nameSeededPerson(call, type, inputs) ?? createRow(call, type, inputs, payload));
  const wanted = Array.isArray(payload.return_fields) ? payload.return_fields : ["id"];
  return new JsonText(recordJson(call.core, type, id, wanted));
}

function createRow(call: Call, type: EntityType, inputs: Inputs, payload: Record<string, unknown>): number {
  if (type.projectScoped && !inputs.values.project && !isTemplateTask(type, inputs))
    throw malformed(`API create() missing 'project' attribute: ${JSON.stringify(payload)}`);
  const { user } = call.caller;
  if (type.name === "Page" && user.type !== "HumanUser")
    throw crud(call, 6, `Create failed for [Page]: HumanUser(#1) expected, got ${user.type}(#${user.id})`);
  const id = insertRow(call, type, inputs);
  const lists = inputs.lists.filter(({ refs }) => refs.length > 0).map(({ field }) => field.name);
  followUp(call, { type: type.name, id }, [...Object.keys(inputs.values), ...lists]);
  return id;
}

/** The tasks of a template belong to no project. */
function isTemplateTask(type: EntityType, { values }: Inputs): boolean {
  return type.name === "Task" && Boolean(values.task_template) && !values.entity;
}
