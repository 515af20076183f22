/**
 * What operators ask of a lane on another host than the one that runs it. A command is done once: where what it wants is stored, its
 * answer is stored in the same step, and who takes the lane over takes only what has no answer. Part of the interface in `cluster.ts`.
 */

/** A command as it was looked at. */
export interface LaneCommand {
  id: string;
  /** Of the lane that it concerns. */
  lane: string;
  /** `HostRecord.id` of the host that it was given on. */
  asker: string;
  /** What is wanted, as the asker put it. */
  request: string;
  /** `HostRecord.id` of the host that took it; null: none has. */
  taker: string | null;
  /** Epoch of the lane in which it was taken; 0 before. */
  epoch: number;
  /** As its taker put it; null: there is none yet. */
  answer: string | null;
}

/** What a command is answered with, in the step that does what it wants. */
export type CommandAnswer = Pick<LaneCommand, "id"> & { answer: string };

/** Methods wait for a database that is away. Each may be repeated. */
export interface Commands {
  /** Gives a command to whoever runs the lane, or will. */
  give(command: Pick<LaneCommand, "id" | "lane" | "request">): Promise<void>;
  /** Takes a command for the owner of its lane in this epoch. null: it is another's, answered or gone. `before`: who had taken it */
  take(id: string, epoch: number): Promise<{ before: string | null } | null>;
  /** Gives back what was taken and not done. */
  giveBack(id: string): Promise<void>;
  /** For the owner of its lane in this epoch, who took it. Nothing where there is an answer, or the lane or the command is another's. */
  answer(answer: CommandAnswer, epoch: number): Promise<void>;
  /** Takes back what nobody has taken. False: somebody has. */
  withdraw(id: string): Promise<boolean>;
  /** Its answer was read, or nobody waits for it. */
  forget(id: string): Promise<void>;
}
