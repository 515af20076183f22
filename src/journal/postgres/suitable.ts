/** Whether a database will do: its version, and what the user may in it. */
import { CallsheetError } from "../../errors.ts";
import type { Session } from "./engine.ts";
import { OWN_CONNECTIONS } from "./pooler.ts";

export interface Suitable {
  /** `16.2`. */
  version: string;
  /** Whether the tables are there. */
  made: boolean;
}

interface Place {
  /** Its address, for people. */
  where: string;
  schema: string;
}

interface About {
  version: string;
  number: string;
  path: string;
  there: boolean;
  may: boolean;
}

const OLDEST = 130_000;

/** @throws CallsheetError STATE_UNUSABLE */
export async function suitable(session: Session, { where, schema }: Place): Promise<Suitable> {
  const [about] = await session.rows<About>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number,
       current_setting('search_path') AS path, n.nspname IS NOT NULL AS there,
       CASE WHEN n.nspname IS NULL THEN has_database_privilege(current_database(), 'CREATE')
         ELSE has_schema_privilege(n.oid, 'USAGE') END AS may
     FROM (VALUES (1)) one LEFT JOIN pg_namespace n ON n.nspname = $1`,
    [schema],
  );
  const { version, number, path, there, may } = about!;
  if (Number(number) < OLDEST) throw tooOld(where, version);
  if (path !== schema) throw forgetful(where, schema, path);
  if (!may) throw notAllowed(where, schema, there);
  const [tables] = await session.rows<{ made: boolean; may: boolean }>(
    "SELECT to_regclass($1) IS NOT NULL AS made, NOT $2 OR has_schema_privilege($3, 'CREATE') AS may",
    [`${schema}.host`, there, there ? schema : "public"],
  );
  if (!tables!.made && !tables!.may) throw notAllowed(where, schema, there);
  return { version, made: tables!.made };
}

function tooOld(where: string, version: string): CallsheetError {
  return new CallsheetError(
    "STATE_UNUSABLE",
    `The database at ${where} is PostgreSQL ${version}; Callsheet needs 13 or newer.`,
  );
}

/** The tables of another schema would be taken for ours. */
function forgetful(where: string, schema: string, path: string): CallsheetError {
  return new CallsheetError(
    "STATE_UNUSABLE",
    `The database at ${where} cannot be used: what is set on a connection to it is lost (search_path is ${path}, and was set to ${schema}).`,
    { hint: OWN_CONNECTIONS },
  );
}

function notAllowed(where: string, schema: string, there: boolean): CallsheetError {
  return new CallsheetError(
    "STATE_UNUSABLE",
    `The user may not ${there ? "use" : "make"} the schema ${schema} in the database at ${where}.`,
    {
      hint: there
        ? `Give it to this user: ALTER SCHEMA ${schema} OWNER TO …; or name another as cluster.schema.`
        : `Make it for this user: CREATE SCHEMA ${schema} AUTHORIZATION …`,
    },
  );
}
