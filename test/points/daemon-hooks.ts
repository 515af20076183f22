/** The points in the daemon. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";
import { StatementSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import threads from "node:worker_threads";
import { hit } from "./hit.ts";
import { around } from "./wrap.ts";

const FRESH = !fs.existsSync(`${process.env.POINTS_STATE}/lock.owner`);
let reloading = false;
let stopping = false;

const renameSync = fs.renameSync;
let owners = 0;
fs.renameSync = (from, to) => {
  const file = basename(String(to));
  const owner = file === "lock.owner";
  if (owner && owners === 0) hit(FRESH ? "start.new" : "start.locked");
  if (file.endsWith(".slot")) hit("start.leased");
  renameSync(from, to);
  if (owner) hit(stopping ? "shutdown.released" : "start.opened");
  if (owner) owners += 1;
  if (file.endsWith(".slot")) hit("start.slot");
};

/** Plugin threads get hooks of their own. */
threads.Worker = class extends threads.Worker {
  constructor(file: string | URL, options: threads.WorkerOptions = {}) {
    const hooks = fileURLToPath(new URL("./hooks.ts", import.meta.url));
    super(file, { ...options, execArgv: [...(options.execArgv ?? []), "--import", hooks] });
  }
};
syncBuiltinESMExports();

// what is wrapped is loaded after the built-in modules were
const { Shotgun } = await import("../../src/client/shotgun.ts");
const { Feed } = await import("../../src/daemon/feed.ts");
const { Fleet } = await import("../../src/daemon/fleet.ts");
const { Database } = await import("../../src/journal/sqlite/database.ts");
const { HandedEvents } = await import("../../src/journal/sqlite/hand-over.ts");
const { SqliteJournal } = await import("../../src/journal/sqlite/journal.ts");
const { SqliteLaneJournal } = await import("../../src/journal/sqlite/lane-journal.ts");
const { LaneTable } = await import("../../src/journal/sqlite/lane-table.ts");
const { PluginHost } = await import("../../src/plugins/plugin-host.ts");
const { ModuleWatch } = await import("../../src/plugins/watch.ts");

const hitAround = (
  type: { prototype: object; name: string },
  method: string,
  before: string,
  after: string,
) => around(type, method, { before: () => hit(before), after: () => hit(after) });

// the daemon asks for events by this client; plugins of either language do so without it
around(Shotgun, "find", { before: () => hit("reader.asks"), after: () => hit("reader.answered") });

// what one transaction wrote
const wrote = { events: false, lane: false };
around(StatementSync as unknown as { prototype: object; name: string }, "run", {
  after(statement) {
    const { sourceSQL } = statement as StatementSync;
    if (sourceSQL.startsWith("INSERT INTO event")) wrote.events = true;
    if (sourceSQL.startsWith("INSERT INTO lane ")) wrote.lane = true;
    if (wrote.events) hit("append.row");
  },
});
const transaction = Database.prototype.transaction;
Database.prototype.transaction = function <T>(work: () => T): T {
  wrote.events = wrote.lane = false;
  const result = transaction.call(this, () => {
    const done = work();
    if (wrote.events) hit("append.written");
    if (wrote.lane) hit("commit.written");
    return done;
  }) as T;
  if (wrote.events) hit("append.stored");
  if (wrote.lane) hit("commit.stored");
  return result;
};

around(SqliteJournal, "append", {
  before: (_journal, [batch]) =>
    batch && (batch as { events: unknown[] }).events.length > 0 && hit("append.begins"),
  after: (_journal, [batch]) => (batch as { events: unknown[] }).events.length > 0 && hit("append.told"),
});
around(LaneTable, "begin", { after: () => hit("start.begun") });

hitAround(SqliteLaneJournal, "handOver", "handover.begins", "handover.stored");
around(HandedEvents, "write", { after: () => hit("handover.written") });
around(PluginHost, "hand", { after: () => hit("handover.handed") });

const isProgress = (message: unknown) => (message as { type: string }).type === "progress";
around(PluginHost, "take", {
  before: (_host, [message]) => isProgress(message) && hit("commit.told"),
  after: (_host, [message]) => isProgress(message) && hit("commit.counted"),
});
around(SqliteLaneJournal, "advance", { before: () => hit("commit.cursor") });

const ending = (what: string) => {
  if (stopping) hit(`shutdown.${what}`);
  else if (reloading) hit(`reload.${what}`);
};
around(ModuleWatch, "changed", {
  after(_watch, _args, changed) {
    if ((changed as string[]).length === 0) return;
    reloading = true;
    hit("reload.noticed");
  },
});
around(Fleet, "stop", {
  before() {
    stopping = true;
    hit("shutdown.asked");
  },
});
around(PluginHost, "stop", {
  before: () => ending(stopping ? "host-asked" : "asked"),
  after: () => ending(stopping ? "host-ended" : "ended"),
});
around(Feed, "settle", { after: () => ending("settled") });
around(SqliteLaneJournal, "register", {
  before: () => reloading && hit("reload.loaded"),
  after: () => reloading && hit("reload.registered"),
});
around(SqliteLaneJournal, "setState", { after: () => reloading && hit("reload.active") });
around(SqliteJournal, "close", { before: () => hit("shutdown.closing") });
around(Database, "close", {
  after(database) {
    const { file } = database as { file: string };
    if (file.endsWith("lanes.sqlite")) hit("shutdown.lanes");
    if (file.endsWith("journal.sqlite")) hit("shutdown.journal");
  },
});
