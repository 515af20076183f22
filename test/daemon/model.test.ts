/**
 * A model of what should happen beside what does: a site where events become visible at once, late or never, answers go wrong,
 * the daemon restarts, and a plugin breaks and is mended, all in random order. Rules 1, 2, 3 and 9.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Config } from "../../src/config-file.ts";
import type { Daemon } from "../../src/daemon/daemon.ts";
import { startDaemon } from "../../src/daemon/start.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import type { FaultKind } from "../../src/sandbox/fault-kinds.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { journaled, studio, TestLog, until } from "./rig.ts";

const RUNS = Number(process.env.MODEL_RUNS ?? 8);
const TYPES = ["Shotgun_Task_Change", "Shotgun_Shot_Change"] as const;

type Late = ReturnType<Sandbox["site"]["events"]["reserve"]>;

class Model {
  readonly visible = new Map<number, string>();
  readonly never = new Set<number>();
  #late: { rows: { event_type: string }[]; transaction: Late }[] = [];
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  add(types: readonly string[]): void {
    const rows = types.map((event_type) => ({ event_type, attribute_name: "sg_status_list" }));
    const { first } = this.#sandbox.site.events.add(rows);
    for (const [i, event_type] of types.entries()) this.visible.set(first + i, event_type);
  }

  reserve(types: readonly string[]): void {
    const rows = types.map((event_type) => ({ event_type, attribute_name: "sg_status_list" }));
    this.#late.push({ rows, transaction: this.#sandbox.site.events.reserve(rows.length) });
  }

  endLate(pick: number, commit: boolean): void {
    const [late] = this.#late.splice(pick % Math.max(1, this.#late.length), 1);
    if (!late) return;
    const { rows, transaction } = late;
    if (commit) transaction.commit(rows);
    else transaction.abandon();
    for (const [i, { event_type }] of rows.entries()) {
      if (commit) this.visible.set(transaction.first + i, event_type);
      else this.never.add(transaction.first + i);
    }
  }

  /** Nothing is on its way any more, and a last event shows where the end is. */
  settle(): void {
    while (this.#late.length > 0) this.endLate(0, this.#late.length % 2 === 0);
    this.add([TYPES[0]]);
  }
}

type Step = (world: World) => void | Promise<void>;

interface World {
  model: Model;
  sandbox: Sandbox;
  folder: string;
  restart(): Promise<void>;
}

const types = fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 7 });
const faults: FaultKind[] = [
  { kind: "status", status: 500 },
  { kind: "status", status: 502 },
  { kind: "reset" },
  { kind: "closed" },
  { kind: "truncated" },
  { kind: "wrong_json" },
  { kind: "html" },
];
let versions = 0;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: types.map(
      (list): Step =>
        ({ model }) =>
          model.add(list),
    ),
  },
  {
    weight: 3,
    arbitrary: types.map(
      (list): Step =>
        ({ model }) =>
          model.reserve(list),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(), fc.boolean()).map(
      ([pick, commit]): Step =>
        ({ model }) =>
          model.endLate(pick, commit),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...faults).map(
      (kind): Step =>
        ({ sandbox }) =>
          void sandbox.faults.next({ ...kind, times: 1 }),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>(({ restart }) => restart()) },
  { weight: 1, arbitrary: fc.constant<Step>(({ folder }) => writeFileSync(join(folder, "broken"), "")) },
  { weight: 1, arbitrary: fc.constant<Step>(({ folder }) => mend(folder)) },
  // lets the daemon see the state so far
  { weight: 3, arbitrary: fc.constant<Step>(({ sandbox }) => sandbox.requests.more(2)) },
);

it("delivers what the site made visible, in the journal's order, once, and accounts for every id", {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const folder = mkdtempSync(join(tmpdir(), "callsheet-model-"));
      const sandbox = await openSandbox();
      try {
        await play(steps, sandbox, folder);
      } finally {
        await sandbox.close();
        rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

async function play(steps: Step[], sandbox: Sandbox, folder: string): Promise<void> {
  const plugins = {
    "all.ts": plugin("all", "null"),
    "tasks.ts": plugin("tasks", `{ ${TYPES[0]}: null }`),
    "flaky.ts": plugin("flaky", "null"),
  };
  const { config } = await studio(sandbox, plugins, { gapTimeout: "700ms" }, folder);
  const log = new TestLog();
  let daemon = await startDaemon({ config, log });
  await log.line("beginning after");
  const model = new Model(sandbox);
  const restart = async () => {
    await daemon.stop();
    daemon = await startDaemon({ config, log });
  };
  try {
    for (const one of steps) await one({ model, sandbox, folder, restart });
    model.settle();
    mend(folder);
    await complete(daemon, folder, model);
  } finally {
    await daemon.stop();
  }
  await check(config, folder, model);
}

function complete(daemon: Daemon, folder: string, model: Model): Promise<void> {
  return until(
    () =>
      daemon.status().reader.gaps.length === 0 &&
      got(folder, "all").length >= model.visible.size &&
      daemon.status().plugins.every(({ backlog }) => backlog === 0),
    () =>
      JSON.stringify({
        status: daemon.status(),
        got: got(folder, "all"),
        visible: [...model.visible.keys()],
      }),
  );
}

async function check(config: Config, folder: string, model: Model): Promise<void> {
  const journal = await openSqliteJournal({ folder: config.state });
  try {
    const events = await journaled(journal);
    const order = events.map(({ id }) => id);
    expect([...order].sort((a, b) => a - b)).toEqual([...model.visible.keys()].sort((a, b) => a - b));
    expect(got(folder, "all")).toEqual(order);
    expect(got(folder, "flaky")).toEqual(order);
    expect(got(folder, "tasks")).toEqual(order.filter((id) => model.visible.get(id) === TYPES[0]));
    for (const [id, type] of model.visible) {
      const answers = new Map((await journal.ledger(id)).map(({ name, outcome }) => [name, outcome]));
      expect(Object.fromEntries(answers)).toEqual({
        all: "delivered",
        flaky: "delivered",
        tasks: type === TYPES[0] ? "delivered" : "filtered",
      });
    }
    for (const id of model.never) expect(await journal.neverHappened(id)).toBe(true);
  } finally {
    await journal.close();
  }
}

/** The plugin gets another content, which reloads it, and no longer finds the mark that makes it fail. */
function mend(folder: string): void {
  rmSync(join(folder, "broken"), { force: true });
  versions += 1;
  writeFileSync(join(folder, "plugins/flaky.ts"), `${plugin("flaky", "null")}\n// version ${versions}\n`);
}

function plugin(name: string, matchEvents: string): string {
  return `import { appendFileSync, existsSync } from "node:fs";
import type { Registrar } from "callsheet";
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("s", "k", (_sg, _logger, event) => {
    if ("${name}" === "flaky" && existsSync(new URL("../broken", import.meta.url))) throw new Error("broken");
    appendFileSync(new URL("../got-${name}", import.meta.url), \`\${event.id}\\n\`);
  }, ${matchEvents});
}`;
}

function got(folder: string, name: string): number[] {
  const file = join(folder, `got-${name}`);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1).map(Number) : [];
}
