/** A look at the database of a cluster without joining it. */
import { CallsheetError } from "../../errors.ts";
import { Engine } from "./engine.ts";
import { translated } from "./trouble.ts";

export interface DatabaseLook {
  /** Its address without user and password. */
  where: string;
  /** `16.2`. */
  version: string;
  /** Whether the tables are there. */
  made: boolean;
  /** Names of the daemons that were there a moment ago, or may have been. */
  hosts: string[];
}

const OLDEST = 130_000;
const WITHIN_MS = 5000;

/** @throws CallsheetError STATE_UNUSABLE, CONFIG_INVALID */
export async function lookAtCluster({ url, schema }: { url: string; schema: string }): Promise<DatabaseLook> {
  const options = { url, schema, statementTimeoutMs: WITHIN_MS, connectTimeoutMs: WITHIN_MS, connections: 1 };
  const engine = new Engine(options);
  try {
    const [about] = await engine.rows<{ version: string; number: string; made: boolean; may: boolean }>(
      `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number,
         to_regclass($1) IS NOT NULL AS made,
         CASE WHEN EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $2) THEN has_schema_privilege($2, 'CREATE')
           ELSE has_database_privilege(current_database(), 'CREATE') END AS may`,
      [`${schema}.host`, schema],
    );
    const { version, number, made, may } = about!;
    if (Number(number) < OLDEST) throw tooOld(engine.where, version);
    if (!may && !made) throw notAllowed(engine.where, schema);
    const hosts = made ? await engine.rows<{ name: string }>("SELECT name FROM host ORDER BY name") : [];
    return { where: engine.where, version, made, hosts: hosts.map(({ name }) => name) };
  } catch (error) {
    throw translated(error, engine.where);
  } finally {
    await engine.close();
  }
}

function tooOld(where: string, version: string): CallsheetError {
  return new CallsheetError(
    "STATE_UNUSABLE",
    `The database at ${where} is PostgreSQL ${version}; Callsheet needs 13 or newer.`,
  );
}

function notAllowed(where: string, schema: string): CallsheetError {
  return new CallsheetError(
    "STATE_UNUSABLE",
    `The user may not make the schema ${schema} in the database at ${where}.`,
    { hint: `Make it for this user: CREATE SCHEMA ${schema} AUTHORIZATION …` },
  );
}
