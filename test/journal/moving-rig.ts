/** A database and folders of machines, and the moves between them, as the command makes them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { Journal } from "../../src/journal/journal.ts";
import { type AbandonReport, abandonMove, type StayingSource } from "../../src/journal/moving/abandon.ts";
import {
  type MoveReport,
  type MoveSource,
  type MoveTarget,
  moveState,
} from "../../src/journal/moving/move.ts";
import { Engine } from "../../src/journal/postgres/engine.ts";
import { migrate } from "../../src/journal/postgres/migrate.ts";
import { postgresSource } from "../../src/journal/postgres/moving/source.ts";
import { postgresTarget } from "../../src/journal/postgres/moving/target.ts";
import { openPostgresJournal } from "../../src/journal/postgres/open.ts";
import { openSqliteSource, openStayingFolder } from "../../src/journal/sqlite/moving/source.ts";
import { openSqliteTarget } from "../../src/journal/sqlite/moving/target.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { everythingOf } from "./moving-acts.ts";
import { useServer } from "./postgres/use-server.ts";

export interface Ends {
  source: MoveSource;
  target: MoveTarget;
}

/** Opens both ends, as the command does, and closes them. */
export type Direction = <T>(work: (ends: Ends) => Promise<T>, folder?: string) => Promise<T>;

export const move = ({ source, target }: Ends): Promise<MoveReport> => moveState(source, target);

export type Rig = ReturnType<typeof useMoves>;

export function useMoves() {
  const server = useServer();
  let schema: string;
  let root: string;
  beforeEach(fresh);
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** As if nothing had been. */
  function fresh(): void {
    if (root) rmSync(root, { recursive: true, force: true });
    schema = server.freshSchema();
    root = mkdtempSync(join(tmpdir(), "callsheet-moving-"));
  }

  const folderOf = (machine: string) => join(root, machine, "state");
  const openFolder = (folder = folderOf("ada")) => openSqliteJournal({ folder });
  const openDatabase = () => openPostgresJournal({ url: server.url, schema, connections: 4 });

  async function withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    const times = { statementTimeoutMs: 10_000, connectTimeoutMs: 5000 };
    const engine = new Engine({ url: server.url, schema, connections: 2, ...times });
    try {
      await migrate(engine);
      return await work(engine);
    } finally {
      await engine.close();
    }
  }

  const intoDatabase: Direction = (work, folder = folderOf("ada")) =>
    withEngine(async (engine) => {
      const source = await openSqliteSource(folder);
      return await work({ source, target: postgresTarget(engine) }).finally(() => source.close());
    });
  const intoFolder: Direction = (work, folder = folderOf("ada")) =>
    withEngine(async (engine) => {
      const target = await openSqliteTarget(folder);
      return await work({ source: postgresSource(engine), target }).finally(() => target.close());
    });

  type Abandoned = { source: StayingSource; target: MoveTarget };
  const abandoned = ({ source, target }: Abandoned): Promise<AbandonReport> => abandonMove(source, target);
  const abandonIntoDatabase = (folder = folderOf("ada")) =>
    withEngine(async (engine) => {
      const source = await openStayingFolder(folder);
      return await abandoned({ source, target: postgresTarget(engine) }).finally(() => source.close());
    });
  /** @param where the folder is, as far as its machine knows */
  const abandonIntoFolder = (folder = folderOf("ada"), where = folder) =>
    withEngine(async (engine) => {
      const opened = await openSqliteTarget(folder);
      const target = { ...opened, where };
      return await abandoned({ source: postgresSource(engine), target }).finally(() => opened.close());
    });

  return {
    server,
    fresh,
    get schema() {
      return schema;
    },
    /** Goes on with another one. */
    freshSchema() {
      schema = server.freshSchema();
    },
    useSchema(name: string) {
      schema = name;
    },
    folderOf,
    openFolder,
    openDatabase,
    withEngine,
    intoDatabase,
    intoFolder,
    abandonIntoDatabase,
    abandonIntoFolder,
  };
}

export async function during<T>(
  open: () => Promise<Journal>,
  work: (journal: Journal) => Promise<T>,
): Promise<T> {
  const journal = await open();
  return await work(journal).finally(() => journal.close());
}

export const seenIn = (open: () => Promise<Journal>): Promise<unknown> => during(open, everythingOf);

/** What a move does, in this order. */
const STEPS = ["keepId", "claim", "setMark", "state", "receive", "setMark", "letIn"] as const;
const RECEIVE = 4;

/** Is killed at a step, by number: after it has done its work, or in the midst of it. */
export interface Break {
  at: number;
  midst?: boolean;
}

export const BREAKS: (Required<Break> & { step: string })[] = [
  ...STEPS.map((step, at) => ({ at, midst: false, step: `after ${step} (${at})` })),
  { at: RECEIVE, midst: true, step: "in the midst of receive" },
];

type Call = (...values: unknown[]) => Promise<unknown>;

/** The ends, whose steps are called by `around`. */
export function stepping(
  ends: Ends,
  around: (step: Call, at: number, values: unknown[]) => Promise<unknown>,
): Ends {
  let count = 0;
  const wrapped = <T extends object>(end: T): T =>
    new Proxy(end, {
      get(target, key) {
        const value = Reflect.get(target, key) as unknown;
        if (typeof value !== "function" || !(STEPS as readonly string[]).includes(String(key))) return value;
        return (...values: unknown[]) => {
          const at = count;
          count += 1;
          return around(value as Call, at, values);
        };
      },
    });
  return { source: wrapped(ends.source), target: wrapped(ends.target) };
}

export function breaking(ends: Ends, { at, midst = false }: Break): Ends {
  const kill = () => {
    throw new Error("killed");
  };
  return stepping(ends, async (step, number, values) => {
    if (number !== at) return step(...values);
    // the last is told of the progress
    await step(...(midst ? [...values.slice(0, -1), kill] : values));
    return kill();
  });
}

/** The folder as a machine of this name sees it: all of them have it at the same path. */
export function onMachine({ source, target }: Ends, machine: string): Ends {
  const seen = <T extends MoveSource | MoveTarget>(end: T): T =>
    end.machine === null ? end : { ...end, where: "/var/lib/callsheet", machine };
  return { source: seen(source), target: seen(target) };
}
