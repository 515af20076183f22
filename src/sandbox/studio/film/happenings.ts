/** What happened to the film, in the order of time, as events; things end up in the state they have today. */
import type { Dice } from "../../random.ts";
import type { Cast, FilmTask, Owner } from "./cast.ts";
import type { History, Thing } from "./history.ts";
import { REMARKS, SIZES } from "./plan.ts";

export interface FilmVersion extends Thing {
  task: FilmTask;
  at: Date;
}

export interface FilmNote extends Thing {
  version: FilmVersion;
  author: Thing;
  content: string;
  at: Date;
}

/** Ids as they are needed. */
export interface Ids {
  draw(type: string): number;
}

interface Happening {
  /** Days from the start. */
  day: number;
  tell(at: Date): void;
}

const DAY_MS = 86_400_000;
const NOTE_EVERY = 12;

export class Happenings {
  readonly versions: FilmVersion[] = [];
  readonly notes: FilmNote[] = [];
  readonly #cast: Cast;
  readonly #history: History;
  readonly #dice: Dice;
  readonly #ids: Ids;
  readonly #now: Date;
  readonly #planned: Happening[] = [];

  constructor(cast: Cast, history: History, means: { dice: Dice; ids: Ids; now: Date }) {
    this.#cast = cast;
    this.#history = history;
    this.#dice = means.dice;
    this.#ids = means.ids;
    this.#now = means.now;
  }

  /** Plans everything, then tells what lies in the past; days of planning fill the log up to its size. */
  tell(): void {
    for (const task of this.#cast.tasks) task.due = this.#date(task.start + task.days);
    for (const owner of this.#cast.owners) this.#plan(owner.turnover, (at) => this.#birthOf(owner, at));
    for (const task of this.#cast.tasks) this.#planTask(task);
    this.#run();
    for (let missing = SIZES.events - this.#history.count; missing > 0; missing--) {
      const task = this.#dice.pick(this.#cast.tasks)!;
      const day = SIZES.days - 3 + (3 * (SIZES.events - missing)) / SIZES.events;
      this.#postpone(task, this.#when(Math.min(day, SIZES.days)));
    }
  }

  day(number: number): Date {
    return this.#when(number);
  }

  #planTask(task: FilmTask): void {
    this.#plan(task.owner.turnover + 0.01, (at) => this.#birthOfTask(task, at));
    this.#plan(task.start - 0.5, (at) => this.#status(task, "rdy", at));
    this.#plan(task.start, (at) => this.#status(task, "ip", at));
    const end = task.start + task.days;
    const takes = this.#dice.weighted({ 1: 6, 2: 3, 3: 1 });
    if (this.#dice.chance(0.3)) this.#plan(task.start + 0.2, (at) => this.#postpone(task, at));
    for (let take = 1; take <= Number(takes); take++) {
      const day = end + (take - 1) * 0.8;
      this.#plan(day, (at) => this.#publish(task, take, at));
      this.#plan(day + 0.1, (at) => this.#status(task, "rev", at));
      if (take < Number(takes)) this.#plan(day + 0.4, (at) => this.#status(task, "ip", at));
      else this.#plan(day + 0.5, (at) => this.#status(task, "fin", at));
    }
  }

  #plan(day: number, tell: (at: Date) => void): void {
    if (day <= SIZES.days - 3) this.#planned.push({ day, tell });
  }

  #run(): void {
    this.#planned.sort((one, other) => one.day - other.day);
    for (const { day, tell } of this.#planned) tell(this.#when(day));
  }

  #birthOf(owner: Owner, at: Date): void {
    const { sequence, frames } = owner;
    const producer = this.#cast.people[owner.id % 5]!;
    if (!sequence) {
      this.#history.birth(at, producer, owner, [
        ["code", "text", owner.name],
        ["sg_asset_type", "list", owner.kind],
        ["sg_status_list", "status_list", owner.status],
      ]);
      return;
    }
    this.#history.birth(at, producer, owner, [
      ["code", "text", owner.name],
      ["sg_cut_duration", "number", frames],
      ["sg_cut_in", "number", 1001],
      ["sg_cut_order", "number", owner.order],
      ["sg_cut_out", "number", 1000 + frames],
      ["sg_sequence", "entity", sequence, { of: sequence, field: "shots" }],
      ["sg_status_list", "status_list", owner.status],
    ]);
  }

  #birthOfTask(task: FilmTask, at: Date): void {
    this.#history.birth(at, this.#cast.people[task.owner.id % 5]!, task, [
      ["color", "color", "pipeline_step"],
      ["content", "text", task.name],
      ["due_date", "date", task.due],
      ["duration", "duration", task.days * 480],
      ["entity", "entity", task.owner, { of: task.owner, field: "tasks" }],
      ["sg_sort_order", "number", task.order],
      ["sg_status_list", "status_list", task.status],
      ["start_date", "date", this.#date(task.start)],
      ["step", "entity", { ...task.step, status: null }],
      ["task_assignees", "multi_entity", [task.artist]],
    ]);
  }

  #status(thing: FilmTask | FilmVersion, status: string, at: Date): void {
    const user = "artist" in thing ? thing.artist : this.#cast.people[thing.id % 5]!;
    this.#history.change(at, user, thing, ["sg_status_list", "status_list", thing.status, status]);
    thing.status = status;
    if ("task" in thing) return;
    const { owner } = thing;
    const [first, last] = [
      thing.order === 1,
      thing.order === (owner.sequence ? SIZES.shotTasks : SIZES.assetTasks),
    ];
    const next = first && status === "ip" ? "ip" : last && status === "fin" ? "fin" : null;
    if (next === null || owner.status === next) return;
    this.#history.change(at, user, owner, ["sg_status_list", "status_list", owner.status, next]);
    owner.status = next;
  }

  #postpone(task: FilmTask, at: Date): void {
    const due = new Date(Date.parse(task.due) + DAY_MS).toISOString().slice(0, 10);
    this.#history.change(at, this.#cast.people[task.id % 5]!, task, ["due_date", "date", task.due, due]);
    task.due = due;
  }

  #publish(task: FilmTask, take: number, at: Date): void {
    const name = `${task.owner.name}_${task.name}_v${String(take).padStart(3, "0")}`
      .replaceAll(" ", "_")
      .toLowerCase();
    const id = this.#ids.draw("Version");
    const version: FilmVersion = { type: "Version", id, name, status: "rev", task, at };
    this.versions.push(version);
    this.#history.birth(at, task.artist, version, [
      ["code", "text", name],
      ["entity", "entity", task.owner, { of: task.owner, field: "sg_versions" }],
      ["sg_status_list", "status_list", "rev"],
      ["sg_task", "entity", task],
      ["user", "entity", task.artist],
    ]);
    if (this.versions.length % NOTE_EVERY === 0) this.#note(version, at);
    else this.#status(version, take > 1 ? "apr" : "vwd", at);
  }

  #note(version: FilmVersion, at: Date): void {
    const author = this.#cast.people[version.id % 5]!;
    const content = this.#dice.pick(REMARKS)!;
    const name = `${author.name}'s Note on ${version.name}`;
    const note: FilmNote = {
      type: "Note",
      id: this.#ids.draw("Note"),
      name,
      status: "opn",
      version,
      author,
      content,
      at,
    };
    this.notes.push(note);
    this.#history.birth(at, author, note, [
      ["content", "text", content],
      ["note_links", "multi_entity", [version], { of: version, field: "notes" }],
      ["sg_status_list", "status_list", "opn"],
      ["subject", "text", name],
      ["user", "entity", author],
    ]);
  }

  #when(day: number): Date {
    return new Date(this.#now.getTime() - (SIZES.days - day) * DAY_MS);
  }

  #date(day: number): string {
    return this.#when(day).toISOString().slice(0, 10);
  }
}
