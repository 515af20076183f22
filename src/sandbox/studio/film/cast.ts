/** Who and what the film consists of, before anything happened to it. */
import type { Core } from "../../core.ts";
import type { Dice } from "../../random.ts";
import type { Ref } from "../../store/columns.ts";
import type { Thing } from "./history.ts";
import {
  ASSET_KINDS,
  ASSET_TASKS,
  ASSET_WORDS,
  FIRST,
  LAST,
  SEQUENCE_WORDS,
  SHOT_TASKS,
  SIZES,
} from "./plan.ts";

export interface Owner extends Thing {
  sequence: Thing | null;
  /** Within its sequence; 1 for the first. */
  order: number;
  /** Days from the start of the film until its turnover. */
  turnover: number;
  /** Frames of a shot. */
  frames: number;
  kind: string | null;
}

export interface FilmTask extends Thing {
  owner: Owner;
  order: number;
  step: Ref & { name: string };
  artist: Thing;
  /** Days from the start of the film. */
  start: number;
  /** Working days. */
  days: number;
  /** `YYYY-MM-DD` */
  due: string;
}

export interface Cast {
  people: Thing[];
  sequences: Thing[];
  owners: Owner[];
  tasks: FilmTask[];
}

export function castFilm(core: Core, dice: Dice): Cast {
  const things = (type: string, count: number, name: (at: number) => string, status: string | null) => {
    const first = core.sequences.draw(type, count);
    return Array.from(
      { length: count },
      (_, at): Thing => ({ type, id: first + at, name: name(at), status }),
    );
  };
  const people = things(
    "HumanUser",
    SIZES.people,
    (at) => `${FIRST[at % FIRST.length]} ${LAST[Math.floor(at / FIRST.length)]}`,
    "act",
  );
  const sequences = things("Sequence", SIZES.sequences, sequenceCode, "ip");
  const shots = things("Shot", SIZES.sequences * SIZES.shotsEach, shotCode, "wtg").map(
    (shot, at): Owner => ({
      ...shot,
      sequence: sequences[Math.floor(at / SIZES.shotsEach)]!,
      order: (at % SIZES.shotsEach) + 1,
      turnover:
        40 + Math.floor((at / (SIZES.sequences * SIZES.shotsEach)) * SIZES.days * 0.92) + dice.between(0, 9),
      frames: dice.between(24, 160),
      kind: null,
    }),
  );
  const assets = things("Asset", SIZES.assets, assetCode, "wtg").map(
    (asset, at): Owner => ({
      ...asset,
      sequence: null,
      order: at + 1,
      turnover: Math.floor((at / SIZES.assets) * SIZES.days * 0.6),
      frames: 0,
      kind: ASSET_KINDS[at % ASSET_KINDS.length]!,
    }),
  );
  const owners = [...shots, ...assets];
  return { people, sequences, owners, tasks: tasksOf(core, owners, people, dice) };
}

function tasksOf(core: Core, owners: Owner[], people: Thing[], dice: Dice): FilmTask[] {
  const steps = stepsOf(core);
  const count = owners.reduce((sum, owner) => sum + kindsOf(owner).length, 0);
  let id = core.sequences.draw("Task", count);
  return owners.flatMap((owner) => {
    let start = owner.turnover + dice.between(1, 4);
    return kindsOf(owner).map(([name, step], at): FilmTask => {
      const days = dice.between(1, 8);
      const task: FilmTask = {
        type: "Task",
        id: id++,
        name,
        status: "wtg",
        owner,
        order: at + 1,
        step: steps.get(`${owner.type} ${step}`)!,
        artist: dice.pick(people)!,
        start,
        days,
        due: "",
      };
      start += days + dice.between(-1, 3);
      return task;
    });
  });
}

function kindsOf(owner: Owner): readonly [string, string][] {
  return owner.type === "Shot" ? SHOT_TASKS : ASSET_TASKS;
}

function stepsOf({ db }: Core): Map<string, Ref & { name: string }> {
  const rows = db.all(`SELECT id, code, entity_type FROM "Step" WHERE "row.live" = 1`);
  return new Map(
    rows.map(([id, code, type]) => [
      `${type} ${code}`,
      { type: "Step", id: id as number, name: code as string, status: null },
    ]),
  );
}

function sequenceCode(at: number): string {
  const word = SEQUENCE_WORDS[at % SEQUENCE_WORDS.length]!;
  return `${word.slice(0, 3).toUpperCase()}${Math.floor(at / SEQUENCE_WORDS.length) + 1}`;
}

function shotCode(at: number): string {
  const number = String(((at % SIZES.shotsEach) + 1) * 10).padStart(4, "0");
  return `${sequenceCode(Math.floor(at / SIZES.shotsEach))}_${number}`;
}

function assetCode(at: number): string {
  return `${ASSET_WORDS[at % ASSET_WORDS.length]} ${String(Math.floor(at / ASSET_WORDS.length) + 1).padStart(2, "0")}`;
}
