/** Writes the feature film into a site: its rows as they are today, and a million events of how they came to be. */
import { type Call, type Core, wireTime } from "../../core.ts";
import { Recorder } from "../../events/recorder.ts";
import { Dice } from "../../random.ts";
import type { Ref } from "../../store/columns.ts";
import type { Values } from "../../store/rows.ts";
import { indexEventsAfter } from "../../store/tables.ts";
import { withDefaults } from "../../write/defaults.ts";
import { type Cast, castFilm, type FilmTask, type Owner } from "./cast.ts";
import { type FilmNote, type FilmVersion, Happenings } from "./happenings.ts";
import { History, type Thing } from "./history.ts";
import { FILM } from "./plan.ts";

const SEED = 2026;

/** Leaves a site that has the film already as it is. */
export function seedFeatureFilm(core: Core): void {
  if (core.db.get(`SELECT 1 FROM "Project" WHERE name = ?`, [FILM.name])) return;
  indexEventsAfter(core.db, () => writeFilm(core));
}

function writeFilm(core: Core): void {
  const dice = new Dice(SEED);
  const project = { type: "Project", id: core.sequences.draw("Project") };
  const cast = castFilm(core, dice);
  const ids = { draw: (type: string) => core.sequences.draw(type) };
  const happenings = new Happenings(cast, new History(core, project), { dice, ids, now: core.now() });
  happenings.tell();
  const writer = new RowWriter(core, project);
  writer.write({ ...project, name: FILM.name, status: null }, FILM, happenings.day(0));
  writer.people(cast.people, happenings.day(0));
  writer.sequences(cast.sequences, happenings.day(0));
  for (const owner of cast.owners) writer.owner(owner, happenings.day(owner.turnover));
  for (const task of cast.tasks)
    writer.task(task, happenings.day(task.owner.turnover), happenings.day(task.start));
  for (const version of happenings.versions) writer.version(version);
  for (const note of happenings.notes) writer.note(note);
  core.log.save();
}

class RowWriter {
  readonly #core: Core;
  readonly #project: Ref;
  readonly #script: Ref & { name: string };

  constructor(core: Core, project: Ref) {
    this.#core = core;
    this.#project = project;
    this.#script = { type: "ApiUser", id: 1, name: core.names.nameOf("ApiUser", 1) ?? "" };
  }

  write({ type: name, id, status }: Thing, values: Values, at: Date): void {
    const type = this.#core.schema.type(name);
    const inProject = type.projectScoped ? { project: this.#project } : {};
    const state = type.fields.has("sg_status_list") ? { sg_status_list: status } : {};
    const call: Call = {
      core: this.#core,
      caller: { user: this.#script, actualUser: null, sessionUuid: null, writesEvents: false },
      method: "create",
      events: new Recorder(this.#core.log, this.#core.sequences),
      at: wireTime(at),
    };
    this.#core.rows.insert(type, id, withDefaults(call, type, id, { ...inProject, ...state, ...values }));
  }

  people(people: Cast["people"], at: Date): void {
    for (const person of people) {
      const [firstname = "", lastname = ""] = person.name.split(" ");
      const login = `${firstname}.${lastname}`.toLowerCase();
      const email = `${login}@tidewright.example`;
      this.write(person, { login, name: person.name, firstname, lastname, email }, at);
    }
  }

  sequences(sequences: Thing[], at: Date): void {
    for (const sequence of sequences) this.write(sequence, { code: sequence.name }, at);
  }

  owner(owner: Owner, at: Date): void {
    const { sequence, frames, order, kind } = owner;
    const shot = {
      sg_sequence: sequence,
      sg_cut_in: 1001,
      sg_cut_out: 1000 + frames,
      sg_cut_duration: frames,
      sg_cut_order: order,
    };
    this.write(owner, { code: owner.name, ...(sequence ? shot : { sg_asset_type: kind }) }, at);
  }

  task(task: FilmTask, at: Date, start: Date): void {
    const { name: content, owner: entity, step, days, due, order } = task;
    const values = {
      content,
      entity,
      step,
      start_date: start.toISOString().slice(0, 10),
      due_date: due,
      duration: days * 480,
      sg_sort_order: order,
    };
    this.write(task, values, at);
    this.#core.links.add(this.#core.schema.field("Task", "task_assignees")!, task.id, task.artist);
  }

  version(version: FilmVersion): void {
    const { name: code, task, at } = version;
    this.write(version, { code, entity: task.owner, sg_task: task, user: task.artist }, at);
  }

  note(note: FilmNote): void {
    const { name: subject, content, author: user, version, at } = note;
    this.write(note, { subject, content, user }, at);
    this.#core.links.add(this.#core.schema.field("Note", "note_links")!, note.id, version);
  }
}
