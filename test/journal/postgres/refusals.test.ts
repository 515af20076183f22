/** A database that will not have this daemon: each reason in a sentence of its own, with what to do, and without the password. */
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { lookAtCluster } from "../../../src/journal/postgres/look.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { translated } from "../../../src/journal/postgres/trouble.ts";
import { until } from "../../daemon/rig.ts";
import { refusal } from "../support.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "./server.ts";

const missing = await postgresMissing();
if (missing) console.warn(`SKIPPED: ${missing}`);
const schema = "refusing";
const LOOKS = { schema, name: "ada", leaseMs: 3000, memory: "/not/there", runs: "/not/there" };

/** Both who looks and who starts say it, in the same words. */
async function told(url: string): Promise<string> {
  const opened = await refusal(openPostgresJournal({ url, schema }));
  const looked = await refusal(lookAtCluster({ ...LOOKS, url }));
  expect(opened.code).toBe("STATE_UNUSABLE");
  expect(looked.describe()).toBe(opened.describe());
  expect(opened.describe()).not.toMatch(/callsheet-test|s3cret/);
  return opened.describe();
}

describe.skipIf(missing !== null)("a database cannot be used", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
    await ask("CREATE ROLE guest LOGIN");
  });
  afterAll(() => server.stop());

  async function ask(...statements: string[]): Promise<void> {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  }
  const asGuest = () => server.url.replace(/owner:[^@]*/, "guest:s3cret");

  test("where nothing listens, and passwords are no matter", async () => {
    const words = await told(server.url.replace(/127\.0\.0\.1:\d+/, "127.0.0.1:9"));
    expect(words).toContain("does not answer (connect ECONNREFUSED 127.0.0.1:9)");
    expect(words).toContain("Nothing listens there");
    expect(words).not.toMatch(/password/i);
  });

  test("where it asks for a password that is not given, and no connection is left open", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "callsheet-hba-")), "hba.conf");
    onTestFinished(() => rmSync(dirname(file), { recursive: true, force: true }));
    writeFileSync(file, "host all owner all trust\nhost all all all scram-sha-256\n");
    for (const path of [dirname(file), file]) chmodSync(path, 0o755);
    const strict = await startPostgres([`hba_file=${file}`]);
    onTestFinished(() => strict.stop());
    const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
    const owner = new pg.Client({ connectionString: strict.url });
    await owner.connect();
    await owner.query("CREATE ROLE guest LOGIN PASSWORD 's3cret'");
    await owner.end();
    await until(() => sockets() === 0);
    expect(await told(strict.url.replace(/owner:[^@]*/, "guest"))).toContain("it asks for a password");
    await until(() => sockets() === 0);
  });

  test("where something else than PostgreSQL listens", async () => {
    const other = createServer((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(
      0,
      "127.0.0.1",
    );
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    expect(await told(server.url.replace(String(server.port), String(port)))).toContain(
      "that it is PostgreSQL that listens there",
    );
  });

  test("that is not there", async () => {
    expect(await told(server.url.replace(/postgres$/, "nowhere"))).toContain("there is no such database");
  });

  test("by a user that is not there", async () => {
    expect(await told(server.url.replace("owner:", "nobody:"))).toContain("it refuses this user (role");
  });

  test("without TLS, where the address asks for it", async () => {
    expect(await told(`${server.url}?sslmode=verify-full`)).toContain("it offers no TLS");
  });

  test("by a user who may not make the schema", async () => {
    expect(await told(asGuest())).toContain(`The user may not make the schema ${schema}`);
  });

  test("by a user who may not use the schema; whom it is given to needs no more", async () => {
    await ask(`CREATE SCHEMA ${schema}`);
    expect(await told(asGuest())).toContain(`The user may not use the schema ${schema}`);
    await ask(`GRANT USAGE ON SCHEMA ${schema} TO guest`);
    expect(await told(asGuest())).toContain(`ALTER SCHEMA ${schema} OWNER TO`);
    await ask(`ALTER SCHEMA ${schema} OWNER TO guest`);
    const journal = await openPostgresJournal({ url: asGuest(), schema });
    await journal.close();
    await ask(`DROP SCHEMA ${schema} CASCADE`);
  });
});

test.each([
  [{ code: "28P01", message: "password authentication failed" }, "it refuses this user or password"],
  [
    { message: "SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string" },
    "it asks for a password",
  ],
  [
    { code: "DEPTH_ZERO_SELF_SIGNED_CERT", message: "self-signed certificate" },
    "its certificate is not trusted",
  ],
  [
    { code: "ERR_TLS_CERT_ALTNAME_INVALID", message: "not in the cert's altnames" },
    "its certificate is not trusted",
  ],
])("%j is told in words", (thrown, sentence) => {
  const error = Object.assign(new Error(thrown.message), thrown);
  expect((translated(error, "db:5432/callsheet") as Error).message).toContain(sentence);
});
