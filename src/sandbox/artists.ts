/** Artists: they keep changing things on a site, at a lively pace, through the real client. For demos and long tests. */
import { setTimeout as pause } from "node:timers/promises";
import { openHttpTransport } from "../client/http.ts";
import { Shotgun } from "../client/shotgun.ts";
import type { Transport } from "../client/transport.ts";
import type { EntityLink } from "../event.ts";
import { CHARACTERS } from "./artists/characters.ts";
import type { Desk, Holdable } from "./artists/desk.ts";
import { ref } from "./artists/desk.ts";
import { WORKS } from "./artists/works.ts";
import { Dice } from "./random.ts";

export interface ArtistsOptions {
  /** How many. Default 4. */
  count?: number;
  /** Mean pause of an ordinary artist between two things done, milliseconds. Default 1500. */
  pace?: number;
  /** Same seed, same choices, as far as the site and the clock allow. Default: a new one each time. */
  seed?: number;
  /** The site's event controls, when it runs in this process: some transactions then commit late or are rolled back. */
  events?: Holdable;
}

export interface Artists {
  /** Things done so far, by all of them. */
  readonly done: number;
  /** Things that did not work out: the site refused, or could not be reached. */
  readonly failed: number;
  /** Ends their day; requests under way are aborted. */
  stop(): Promise<void>;
}

const LONGEST_REST_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Puts artists to work; returns at once. They wait while the site cannot be reached, shrug at refusals, and act as people of
 * the site where the script may (`sudo_as_login`, protocol notes 2.1). A site without a project leaves them idle.
 * @param site where, and a script's name and key; a `Sandbox` is one
 */
export function startArtists(
  site: { url: string; scriptName: string; scriptKey: string },
  options: ArtistsOptions = {},
): Artists {
  const { count = 4, pace = 1500, seed = Date.now(), events } = options;
  const crew = new Crew(site, pace, events);
  for (let index = 0; index < count; index += 1) crew.hire(index, new Dice(seed * 1000 + index));
  return crew;
}

class Crew implements Artists {
  done = 0;
  failed = 0;
  readonly #site: { url: string; scriptName: string; scriptKey: string };
  readonly #pace: number;
  readonly #events: Holdable | undefined;
  readonly #transport: Transport = openHttpTransport();
  readonly #day = new AbortController();
  readonly #atWork: Promise<void>[] = [];

  constructor(
    site: { url: string; scriptName: string; scriptKey: string },
    pace: number,
    events: Holdable | undefined,
  ) {
    this.#site = site;
    this.#pace = pace;
    this.#events = events;
  }

  hire(index: number, dice: Dice): void {
    this.#atWork.push(this.#work(index, dice));
  }

  async stop(): Promise<void> {
    this.#day.abort();
    await Promise.all(this.#atWork);
    await this.#transport.close();
  }

  async #work(index: number, dice: Dice): Promise<void> {
    const { signal } = this.#day;
    const { tempo, burst, habits } = CHARACTERS[index % CHARACTERS.length]!;
    let desk: Desk | undefined;
    let troubles = 0;
    while (!signal.aborted) {
      try {
        desk ??= await this.#findDesk(index, dice);
        for (let i = 0; desk && i < burst; i += 1) {
          await WORKS[dice.weighted(habits)](desk);
          this.done += 1;
        }
        troubles = 0;
      } catch {
        // Refused, out of reach, or the day is over; none of it is news to a demo.
        if (signal.aborted) return;
        this.failed += 1;
        troubles += 1;
      }
      const mean = (this.#pace * burst) / tempo;
      await this.#rest(Math.min((mean * dice.between(40, 160)) / 100, LONGEST_REST_MS), troubles);
    }
  }

  async #findDesk(index: number, dice: Dice): Promise<Desk | undefined> {
    const { signal } = this.#day;
    const script = this.#connect();
    const projects = await script.find("Project", [], ["id"], { signal });
    const people = await script.find("HumanUser", [["sg_status_list", "is", "act"]], ["login"], { signal });
    const project = await busiest(script, projects, signal);
    const person = people[index % people.length];
    if (!project || !person) return undefined;
    return {
      sg: this.#connect(String(person.login)),
      person: ref(person),
      project,
      character: CHARACTERS[index % CHARACTERS.length]!,
      dice,
      signal,
      events: this.#events,
    };
  }

  #connect(login?: string): Shotgun {
    const { url, scriptName, scriptKey } = this.#site;
    const common = { scriptName, scriptKey, transport: this.#transport, timeoutMs: REQUEST_TIMEOUT_MS };
    return new Shotgun(url, { ...common, sudoAsLogin: login });
  }

  async #rest(ms: number, troubles: number): Promise<void> {
    const longer = Math.min(ms * 2 ** Math.min(troubles, 10), Math.max(ms, LONGEST_REST_MS));
    await pause(longer, undefined, { signal: this.#day.signal }).catch(() => {});
  }
}

/** The project with shots in it, so that a fresh site's empty ones are left alone. */
async function busiest(
  sg: Shotgun,
  projects: readonly EntityLink[],
  signal: AbortSignal,
): Promise<EntityLink | undefined> {
  for (const project of projects) {
    const shot = await sg.findOne("Shot", [["project", "is", ref(project)]], ["id"], { signal });
    if (shot) return ref(project);
  }
  return undefined;
}
