/** The schema of a fresh site, as the client reads it. */
import { type FieldsSchema, Shotgun } from "callsheet/client";
import { openSandbox } from "../../src/sandbox/open.ts";

/** 82 entity types, more than 1300 fields. */
export async function freshSchema(): Promise<Record<string, FieldsSchema>> {
  await using site = await openSandbox();
  const { scriptName, scriptKey } = site;
  await using sg = new Shotgun(site.url, { scriptName, scriptKey });
  return await sg.schemaRead();
}
