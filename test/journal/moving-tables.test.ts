/** A table that is new in either engine has to be thought of where a state is moved. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { Engine } from "../../src/journal/postgres/engine.ts";
import { migrate } from "../../src/journal/postgres/migrate.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { temporaryFolder } from "../daemon/rig.ts";
import { useServer, withoutPostgres } from "./postgres/use-server.ts";
import { appendIds } from "./support.ts";

describe.skipIf(withoutPostgres)("a move", () => {
  const server = useServer();

  test("knows every table of either engine", async () => {
    const folder = temporaryFolder();
    const journal = await openSqliteJournal({ folder });
    await appendIds(journal, [1]);
    await journal.close();
    const tables = ["journal", "lanes"].flatMap((name) => {
      const file = new DatabaseSync(join(folder, `${name}.sqlite`), { readOnly: true });
      const rows = file.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
      file.close();
      return rows.map((row) => row.name as string).filter((table) => !table.startsWith("sqlite_"));
    });
    // a table that is new here has to be moved too, or named as one that need not be
    const moved = [
      "action",
      "done",
      "event",
      "handed",
      "lane",
      "lost",
      "never",
      "outcome",
      "passed",
      "reader",
    ];
    const made = ["hole", "inherited", "mark", "paused"];
    expect(tables.sort()).toEqual([...moved, ...made].sort());
    const schema = server.freshSchema();
    const times = { statementTimeoutMs: 10_000, connectTimeoutMs: 5000 };
    const database = new Engine({ url: server.url, schema, connections: 2, ...times });
    await migrate(database);
    const rows = await database.rows<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1",
      [schema],
    );
    await database.close();
    const ofTheCluster = [
      "command",
      "copy",
      "format",
      "host",
      "identity",
      "move",
      "said",
      "tenure",
      "together",
    ];
    expect(rows.map(({ name }) => name).sort()).toEqual([...moved, ...ofTheCluster].sort());
  });
});
