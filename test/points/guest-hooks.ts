/** The points in a plugin's thread. */
import { SlotWriter } from "../../src/journal/slot.ts";
import { ControlBlock } from "../../src/plugins/control.ts";
import { hit } from "./hit.ts";
import { around } from "./wrap.ts";

around(SlotWriter, "begun", {
  before: (_slot, [, finished]) => finished === 0 && hit("callback.taken"),
  after: (_slot, [, finished]) => hit(finished === 0 ? "callback.begun" : "callback.next"),
});
around(SlotWriter, "done", {
  before: () => hit("commit.finishing"),
  after: () => hit("commit.finished"),
});
around(ControlBlock, "enter", { after: () => hit("callback.entered") });
around(ControlBlock, "leave", { after: () => hit("callback.returned") });
