/** Where a host's progress goes: into the lane's slot, or to the daemon, which answers when it is durable. */
import type { LaneStep, SlotTicket } from "../../journal/journal.ts";
import { SlotWriter } from "../../journal/slot.ts";
import { machineMs } from "../../machine-clock.ts";
import type { Link } from "../messages.ts";

/** A promise has to be waited for before the next call of a callback. */
export interface Steps {
  /** `seq` has begun, and so many of its callbacks are done with it. Says too that everything before it is done. */
  begun(seq: number, finishedCallbacks: number): Promise<void> | undefined;
  done(seq: number): Promise<void> | undefined;
  /** The callback that began by the last step is about to begin again. */
  again(): Promise<void> | undefined;
  /** The daemon's answer; `until`: after that time by `machineMs` it is not to begin by it. */
  stored(until: number | null): void;
  close(): void;
}

/** @throws the file system's error when the slot cannot be opened */
export function openSteps(slot: SlotTicket | null, link: Link): Steps {
  return slot ? slotSteps(new SlotWriter(slot.file, slot.epoch)) : askedSteps(link);
}

function slotSteps(slot: SlotWriter): Steps {
  return {
    begun: (seq, finishedCallbacks) => void slot.begun(seq, finishedCallbacks),
    done: (seq) => void slot.done(seq),
    again: () => undefined,
    stored() {},
    close: () => slot.close(),
  };
}

function askedSteps(link: Link): Steps {
  let answer: { step: LaneStep; resolve: () => void } | null = null;
  let last: LaneStep | null = null;
  const tell = (step: LaneStep): Promise<void> =>
    new Promise((resolve) => {
      last = step;
      answer = { step, resolve };
      link.send({ type: "step", step });
    });
  return {
    begun: (seq, finishedCallbacks) => tell({ seq, begun: true, finishedCallbacks }),
    done: (seq) => tell({ seq, begun: false, finishedCallbacks: 0 }),
    again: () => tell(last!),
    stored(until) {
      const given = answer;
      if (!given) return;
      // frozen since the answer was given: somebody else may have the lane by now
      if (given.step.begun && until !== null && machineMs() > until)
        return link.send({ type: "step", step: given.step });
      answer = null;
      given.resolve();
    },
    close() {},
  };
}
