import type { Callback, Registrar } from "callsheet";

// Called once when the file is loaded, and again when it changes: says which events this plugin wants.
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback({
    // The script that `sg` logs in with. It may be another one than the daemon's.
    scriptName: process.env.SCRIPT_NAME!,
    scriptKey: process.env.SCRIPT_KEY!,
    callback: onTaskStatus,
    // Event type → fields. Leave matchEvents out to get every event.
    matchEvents: { Shotgun_Task_Change: ["sg_status_list"] },
  });
}

// Called for each event, one at a time, in order. When it throws, the plugin stops at this event; fix the file and
// save it, and the plugin goes on from there.
const onTaskStatus: Callback = async (sg, logger, event) => {
  if (!event.entity) return;
  const task = await sg.findOne(
    "Task",
    [["id", "is", event.entity.id]],
    ["content", "sg_status_list", "entity"],
  );
  logger.info("hello: task %s is now %s", task?.content, task?.sg_status_list);
};
