/** What the artists are like: how fast each one is, and what they spend their day on. */

/** The kinds of work an artist can do; `works.ts` does them. */
export type Work =
  | "move"
  | "publish"
  | "review"
  | "note"
  | "answer"
  | "assign"
  | "reschedule"
  | "shot"
  | "import"
  | "tidy";

export interface Character {
  /** 1 = at the given pace, 2 = twice as fast. */
  tempo: number;
  /** Things done in one go before the next pause; the pause is as much longer. */
  burst: number;
  /** How often each kind of work is chosen, relative to the others. */
  habits: Partial<Record<Work, number>>;
  /** What they write. */
  remarks: readonly string[];
}

/** Given out in this order, again from the start when there are more artists. */
export const CHARACTERS: readonly Character[] = [
  // Publishes early and often, moves on before anybody has looked.
  {
    tempo: 1.5,
    burst: 1,
    habits: { move: 6, publish: 5, answer: 1 },
    remarks: ["v1 up, have a look!", "Quick pass, more to come.", "New take, same idea."],
  },
  // Sees every frame, lets nothing pass that is not right.
  {
    tempo: 1,
    burst: 1,
    habits: { review: 6, note: 3, move: 1 },
    remarks: [
      "Hold the pose four frames longer.",
      "Lovely. Push the rim light a touch.",
      "Edge is buzzing on screen left from 1032.",
      "The weight is not there yet on the landing.",
    ],
  },
  // Keeps the schedule, and everybody on it.
  {
    tempo: 0.8,
    burst: 1,
    habits: { assign: 4, reschedule: 3, shot: 1, note: 1, tidy: 1 },
    remarks: [
      "Can this make Thursday's dailies?",
      "Client wants this one first.",
      "Moved two days, see schedule.",
    ],
  },
  // Does nothing for a while, then everything at once.
  {
    tempo: 1,
    burst: 6,
    habits: { move: 6, publish: 3, note: 1 },
    remarks: ["All of these are ready.", "Caught up with the backlog."],
  },
  // Takes long over each thing and explains it.
  {
    tempo: 0.5,
    burst: 1,
    habits: { move: 4, publish: 2, note: 2, answer: 3 },
    remarks: [
      "Rebuilt the sleeve so that it no longer crosses the strap; it costs two minutes a frame.",
      "I kept the old noise pattern, since the new one crawls when the camera tilts.",
    ],
  },
  // Brings whole sequences in with a script, sometimes the wrong ones.
  {
    tempo: 0.4,
    burst: 1,
    habits: { import: 4, reschedule: 2, tidy: 3, shot: 1 },
    remarks: ["Imported from the new edit.", "Cleaned up after the recut."],
  },
];
