/** Says in the log, readably, who moved which task to which status. */
import type { Callback, EntityLink, Registrar } from "callsheet";

export function registerCallbacks(reg: Registrar) {
  reg.registerCallback({
    scriptName: process.env.SCRIPT_NAME!,
    scriptKey: process.env.SCRIPT_KEY!,
    callback: onTaskStatus,
    matchEvents: { Shotgun_Task_Change: ["sg_status_list"] },
  });
}

const NAMES: Record<string, string> = {
  wtg: "waiting to start",
  rdy: "ready to start",
  ip: "in progress",
  rev: "in review",
  fin: "final",
  hld: "on hold",
};

const onTaskStatus: Callback = async (sg, logger, event) => {
  if (!event.entity) return; // the task was deleted since
  const task = await sg.findOne<{ content: string; entity: EntityLink | null }>(
    "Task",
    [["id", "is", event.entity.id]],
    ["content", "entity"],
  );
  const status = String(event.meta?.new_value);
  const where = task?.entity ? `${task.entity.name} ${task.content}` : event.entity.name;
  logger.info("%s is %s (%s)", where, NAMES[status] ?? status, event.user?.name ?? "nobody");
};
