/**
 * What the oracle sees in the database itself, and asks no daemon. Who had which plugin, and since when, is written down by a trigger, so
 * that nothing escapes; its times are put on the machine's monotonic clock, which everything in a chaos run is told by.
 */
import pg from "pg";
import { clock } from "../site.ts";

export interface Tenure {
  plugin: string;
  epoch: number;
  /** null: it was given back. */
  host: string | null;
  /** The machine's monotonic clock, ms. */
  at: number;
}

const SCHEMA = "callsheet";
const NOTED = `
  CREATE TABLE ${SCHEMA}.chaos_tenure (
    number bigserial PRIMARY KEY, plugin text NOT NULL, epoch integer NOT NULL, host text, at double precision NOT NULL
  );
  -- when a lane's record was written last
  CREATE TABLE ${SCHEMA}.chaos_written (plugin text PRIMARY KEY, at double precision NOT NULL);
  CREATE FUNCTION ${SCHEMA}.chaos_note() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    now_ms double precision := extract(epoch FROM clock_timestamp()) * 1000;
    written double precision := (SELECT at FROM ${SCHEMA}.chaos_written WHERE plugin = NEW.name);
  BEGIN
    IF TG_OP = 'INSERT' OR OLD.epoch <> NEW.epoch OR OLD.owner IS DISTINCT FROM NEW.owner
        OR now_ms - written > TG_ARGV[0]::double precision THEN
      INSERT INTO ${SCHEMA}.chaos_tenure (plugin, epoch, host, at) VALUES (NEW.name, NEW.epoch,
        (SELECT name FROM ${SCHEMA}.host WHERE id = NEW.owner), now_ms);
    END IF;
    INSERT INTO ${SCHEMA}.chaos_written (plugin, at) VALUES (NEW.name, now_ms)
      ON CONFLICT (plugin) DO UPDATE SET at = excluded.at;
    RETURN NULL;
  END $$;`;
const NOTE = `CREATE TRIGGER chaos_note AFTER INSERT OR UPDATE ON ${SCHEMA}.lane FOR EACH ROW EXECUTE FUNCTION ${SCHEMA}.chaos_note`;
/** The owner counts from the sending of a write, the database from its arrival: so much of a lease may lie between. */
const NEARLY = 0.8;

/** To be called once the schema is there. */
export async function noteTenures(url: string, leaseMs: number): Promise<void> {
  await asking(url, (client) => client.query(`${NOTED} ${NOTE}(${leaseMs * NEARLY})`));
}

/** Plugin → all that had it, in order. */
export async function readTenures(url: string): Promise<Map<string, Tenure[]>> {
  const wallAhead = Date.now() - clock();
  const { rows } = await asking(url, (client) =>
    client.query<Tenure>(`SELECT plugin, epoch, host, at FROM ${SCHEMA}.chaos_tenure ORDER BY number`),
  );
  return Map.groupBy(
    rows.map((row) => ({ ...row, at: row.at - wallAhead })),
    ({ plugin }) => plugin,
  );
}

/** How many ranges of ids are missing that may still come; those that nobody has begun to count are one. */
export async function openGaps(url: string): Promise<number> {
  const { rows } = await asking(url, (client) =>
    client.query<{ gaps: string | null }>(`SELECT gaps FROM ${SCHEMA}.reader`),
  );
  const gaps = rows[0]?.gaps;
  return gaps ? (JSON.parse(gaps) as unknown[]).length : 1;
}

/** When a lease had run out and its owner had it again, since nobody else had taken it. */
export function lapsesOf(tenures: readonly Tenure[]): number[] {
  return tenures
    .filter(({ host, epoch }, i) => {
      const before = tenures[i - 1];
      return before && host !== null && before.host === host && before.epoch === epoch;
    })
    .map(({ at }) => at);
}

/** When a plugin was taken from a host that had not given it back. */
export function takeOversOf(tenures: readonly Tenure[]): number[] {
  return tenures
    .filter(({ epoch }, i) => {
      const before = tenures[i - 1];
      return before && before.host !== null && epoch > before.epoch;
    })
    .map(({ at }) => at);
}

async function asking<T>(url: string, ask: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await ask(client);
  } finally {
    await client.end();
  }
}
