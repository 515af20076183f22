import type { Sandbox } from "../../src/sandbox/open.ts";

/** Makes events visible: most at once, some late, some never. Knows which are visible. */
export class BusySite {
  readonly visible = new Set<number>();
  readonly #sandbox: Sandbox;
  readonly #random: () => number;
  readonly #eventsAKill: number;
  #late: { first: number; last: number; commit(): void; abandon(): void }[] = [];

  constructor(sandbox: Sandbox, plan: { random: () => number; eventsAKill: number; events: number }) {
    this.#sandbox = sandbox;
    this.#random = plan.random;
    this.#eventsAKill = plan.eventsAKill;
    this.#add(plan.events);
  }

  /** Something happens on the site. */
  stir(): void {
    const { events } = this.#sandbox.site;
    // enough to be in the middle of when the next kill comes
    this.#add(Math.floor(this.#random() * this.#eventsAKill));
    const size = 1 + Math.floor(this.#random() * 5);
    if (this.#random() < 0.5) this.#late.push(events.reserve(size));
    else events.skipIds(size);
    this.#add(1 + Math.floor(this.#random() * 10));
    if (this.#random() < 0.5) this.#commitLate(this.#late.splice(0, 1));
  }

  settle(): void {
    this.#commitLate(this.#late.splice(0));
    this.#add(1);
  }

  #commitLate(late: { first: number; last: number; commit(): void }[]): void {
    for (const { first, last, commit } of late) {
      commit();
      for (let id = first; id <= last; id += 1) this.visible.add(id);
    }
  }

  #add(count: number): void {
    const rows = Array.from({ length: count }, (_, i) => ({
      event_type: i % 2 ? "Shotgun_Task_Change" : "Shotgun_Shot_Change",
      attribute_name: "sg_status_list",
    }));
    const { first, last } = this.#sandbox.site.events.add(rows);
    for (let id = first; id <= last; id += 1) this.visible.add(id);
  }
}
