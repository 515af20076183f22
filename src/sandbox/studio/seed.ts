/** Writes the small studio into a site with the site's own calls, so that every event stands in its log. */
import type { EntityLink } from "../../event.ts";
import {
  ALL_ASSET_STEPS,
  ASSET_STEPS,
  ASSETS,
  DEPARTMENTS,
  NOTES,
  PEOPLE,
  PROJECT,
  SEQUENCES,
  SHOT_STEPS,
} from "./script.ts";

/** One call to the site. `login`: on whose behalf. */
export type SeedCall = (method: string, payload: unknown, login?: string) => unknown;

type Fields = Record<string, unknown>;

/** A shot or an asset, and the steps it needs. */
interface Owner {
  link: EntityLink;
  code: string;
  steps: readonly string[];
}

/** A task that was seeded, with what the rest of the studio needs to know of it. */
interface SeededTask {
  link: EntityLink;
  owner: Owner;
  name: string;
  status: string;
  login: string;
}

/** A task's way, from not begun to done. */
const STAGES = ["wtg", "rdy", "ip", "rev", "fin"] as const;
const STEP_LENGTH_DAYS = 4;
const DAY_MS = 86_400_000;

/**
 * Creates a project with sequences, shots, assets, tasks, people, versions, notes and a playlist; leaves a site that
 * has the project already as it is.
 * @throws SiteFault
 */
export function seedSmallStudio(call: SeedCall, now: Date): void {
  const studio = new Seeder(call, now);
  if (studio.read("Project", ["name"]).some(({ name }) => name === PROJECT.name)) return;
  const people = studio.people();
  const project = studio.create("Project", PROJECT);
  studio.update("Project", project.id, { users: [...people.values()] });
  const assets = studio.assets(project);
  const shots = studio.shots(project, assets);
  const tasks = studio.tasks(project, people, [...assets, ...shots]);
  const versions = studio.versions(project, people, tasks);
  studio.notes(project, people, versions);
  studio.playlist(project, versions);
}

class Seeder {
  readonly #call: SeedCall;
  readonly #now: Date;

  constructor(call: SeedCall, now: Date) {
    this.#call = call;
    this.#now = now;
  }

  create(type: string, fields: Fields, login?: string): EntityLink {
    const payload = { type, fields: asFieldList(fields), return_fields: ["id"] };
    return link(this.#call("create", payload, login) as EntityLink);
  }

  update(type: string, id: number, fields: Fields, login?: string): void {
    this.#call("update", { type, id, fields: asFieldList(fields) }, login);
  }

  read(type: string, return_fields: readonly string[]): (EntityLink & Fields)[] {
    const payload = {
      type,
      return_fields,
      filters: { logical_operator: "and", conditions: [] },
      paging: { entities_per_page: 500, current_page: 1 },
    };
    return (this.#call("read", payload) as { entities: (EntityLink & Fields)[] }).entities;
  }

  people(): Map<string, EntityLink> {
    const departments = new Map(
      DEPARTMENTS.map((name) => [name as string, this.create("Department", { name })]),
    );
    const people = new Map<string, EntityLink>();
    for (const { login, firstname, lastname, department } of PEOPLE) {
      const fields = {
        login,
        name: `${firstname} ${lastname}`,
        firstname,
        lastname,
        email: `${login}@marrowlane.example`,
        department: departments.get(department),
      };
      people.set(login, this.create("HumanUser", fields));
    }
    const dailies = PEOPLE.filter(({ department }) => department !== "Assets").map(({ login }) =>
      people.get(login),
    );
    this.create("Group", { code: "Dailies", users: dailies });
    return people;
  }

  assets(project: EntityLink): Owner[] {
    return ASSETS.map(({ code, kind, description }) => ({
      link: this.create("Asset", { project, code, sg_asset_type: kind, description }, "ines"),
      code,
      steps: ASSET_STEPS[kind] ?? ALL_ASSET_STEPS,
    }));
  }

  shots(project: EntityLink, assets: readonly Owner[]): Owner[] {
    const shots: Owner[] = [];
    for (const { code: sequence, description, shots: descriptions } of SEQUENCES) {
      const sg_sequence = this.create("Sequence", { project, code: sequence, description }, "ines");
      const cast = ASSETS.filter((asset) => asset.shots.includes(sequence)).map(({ code }) => code);
      for (const [index, text] of descriptions.entries()) {
        const code = `${sequence}_${String((index + 1) * 10).padStart(4, "0")}`;
        const sg_cut_duration = 48 + ((index * 37) % 60);
        const fields = {
          project,
          code,
          description: text,
          sg_sequence,
          sg_cut_in: 1001,
          sg_cut_out: 1000 + sg_cut_duration,
          sg_cut_duration,
          sg_cut_order: index + 1,
          assets: assets.filter((asset) => cast.includes(asset.code)).map((asset) => asset.link),
        };
        shots.push({ link: this.create("Shot", fields, "tomasz"), code, steps: SHOT_STEPS });
      }
    }
    return shots;
  }

  /** The earlier its owner stands in the list, the further along its tasks are. */
  tasks(project: EntityLink, people: Map<string, EntityLink>, owners: readonly Owner[]): SeededTask[] {
    const steps = this.#steps();
    const tasks: SeededTask[] = [];
    for (const [rank, owner] of owners.entries()) {
      const current = Math.round((owner.steps.length + 1) * (1 - rank / owners.length)) - 1;
      for (const [index, name] of owner.steps.entries()) {
        const artists = PEOPLE.filter((person) => person.steps.includes(name));
        const login = artists[rank % artists.length]?.login ?? "tomasz";
        const status = STAGES[Math.min(Math.max(current - index + 2, 0), STAGES.length - 1)]!;
        const fields = {
          project,
          content: name,
          entity: owner.link,
          step: steps.get(`${owner.link.type} ${name}`),
          sg_status_list: status,
          start_date: this.#day((index - current) * STEP_LENGTH_DAYS),
          due_date: this.#day((index - current + 1) * STEP_LENGTH_DAYS - 1),
          task_assignees: [people.get(login)],
        };
        tasks.push({ link: this.create("Task", fields, "tomasz"), owner, name, status, login });
      }
    }
    return tasks;
  }

  versions(project: EntityLink, people: Map<string, EntityLink>, tasks: SeededTask[]): EntityLink[] {
    const shown = tasks.filter(({ status }) => status === "fin" || status === "rev" || status === "ip");
    const versions: EntityLink[] = [];
    for (const [index, task] of shown.entries()) {
      const number = String((index % 3) + 1).padStart(3, "0");
      const fields = {
        project,
        code: `${task.owner.code}_${task.name}_v${number}`.replaceAll(" ", "_").toLowerCase(),
        entity: task.owner.link,
        sg_task: task.link,
        user: people.get(task.login),
        description: task.status === "fin" ? "As approved in dailies." : "For review.",
        sg_status_list: task.status === "fin" ? "apr" : "rev",
        sg_first_frame: 1001,
        sg_last_frame: 1072,
        frame_count: 72,
        frame_range: "1001-1072",
      };
      versions.push(this.create("Version", fields, task.login));
    }
    return versions;
  }

  notes(project: EntityLink, people: Map<string, EntityLink>, versions: EntityLink[]): void {
    for (const [index, note] of NOTES.entries()) {
      const version = versions[(index * 3) % versions.length];
      const author = index % 2 === 0 ? "ines" : "tomasz";
      const fields = {
        project,
        ...note,
        sg_note_type: "Internal",
        user: people.get(author),
        note_links: version ? [version] : [],
        addressings_to: [people.get(PEOPLE[2 + (index % (PEOPLE.length - 2))]!.login)],
      };
      this.create("Note", fields, author);
    }
  }

  playlist(project: EntityLink, versions: EntityLink[]): void {
    const code = `Dailies ${this.#day(0)}`;
    this.create("Playlist", { project, code, versions: versions.slice(-8) }, "ines");
  }

  #steps(): Map<string, EntityLink> {
    const steps = this.read("Step", ["code", "entity_type"]);
    return new Map(steps.map((step) => [`${step.entity_type} ${step.code}`, link(step)]));
  }

  #day(offset: number): string {
    return new Date(this.#now.getTime() + offset * DAY_MS).toISOString().slice(0, 10);
  }
}

function asFieldList(fields: Fields): { field_name: string; value: unknown }[] {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([field_name, value]) => ({ field_name, value }));
}

function link({ type, id }: EntityLink): EntityLink {
  return { type, id };
}
