/** Commands from one host to another: a row each, from its being given until its answer was read. */
import type { CommandAnswer, Commands, LaneCommand } from "../commands.ts";
import type { Engine, Session } from "./engine.ts";
import type { Membership } from "./membership.ts";
import { ASKED } from "./notices.ts";

/** As `LaneCommand`s, for the look at the leases. */
export const PENDING = "SELECT id, lane, asker, request, taker, epoch, answer FROM command ORDER BY number";

const TELL = `SELECT pg_notify('${ASKED}', '') FROM changed`;
const answering = (who: string) =>
  `WITH changed AS (UPDATE command SET answer = $2 WHERE id = $1 AND answer IS NULL ${who} RETURNING id) ${TELL}`;
/** Whoever does it in a step of the lane's owner is refused with that step. */
const DONE = answering("");
/** One that was shut out, and does not know it yet, has nothing to say of what the next owner does. */
const SAID = answering(`AND taker = $3 AND epoch = $4
  AND NOT EXISTS (SELECT 1 FROM lane WHERE lane.id = command.lane AND lane.epoch > command.epoch)`);

/** To be called in the step that does what is wanted. */
export async function storeAnswer(session: Session, { id, answer }: CommandAnswer): Promise<void> {
  await session.rows(DONE, [id, answer]);
}

export class PostgresCommands implements Commands {
  readonly #engine: Engine;
  readonly #member: Membership;

  constructor(engine: Engine, member: Membership) {
    this.#engine = engine;
    this.#member = member;
  }

  async give({ id, lane, request }: Pick<LaneCommand, "id" | "lane" | "request">): Promise<void> {
    await this.#ask(
      `WITH changed AS (
         INSERT INTO command (id, lane, asker, request) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING RETURNING id
       ) ${TELL}`,
      [id, lane, this.#member.id, request],
    );
  }

  async take(id: string, epoch: number): Promise<{ before: string | null } | null> {
    const [row] = await this.#ask<{ before: string | null }>(
      `UPDATE command SET taker = $2, epoch = $3 FROM (SELECT * FROM command WHERE id = $1 FOR UPDATE) AS was
       WHERE command.id = was.id AND was.answer IS NULL
         AND (was.taker IS NULL OR was.epoch < $3 OR (was.taker = $2 AND was.epoch = $3))
       RETURNING was.taker AS before`,
      [id, this.#member.id, epoch],
    );
    return row ?? null;
  }

  async giveBack(id: string): Promise<void> {
    await this.#ask("UPDATE command SET taker = NULL WHERE id = $1 AND taker = $2 AND answer IS NULL", [
      id,
      this.#member.id,
    ]);
  }

  async answer({ id, answer }: CommandAnswer, epoch: number): Promise<void> {
    await this.#ask(SAID, [id, answer, this.#member.id, epoch]);
  }

  async withdraw(id: string): Promise<boolean> {
    await this.#ask("DELETE FROM command WHERE id = $1 AND taker IS NULL", [id]);
    return (await this.#ask("SELECT 1 FROM command WHERE id = $1", [id])).length === 0;
  }

  async forget(id: string): Promise<void> {
    await this.#ask("DELETE FROM command WHERE id = $1", [id]);
  }

  #ask<T>(text: string, values: unknown[]): Promise<T[]> {
    const { withinMs } = this.#member;
    return this.#engine.patiently(() => this.#engine.rows<T>(text, values, undefined, withinMs));
  }
}
