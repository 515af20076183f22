/** Keeps the status of a shot in step with its tasks: all final → final, otherwise in progress. Writes to the site. */
import type { Callback, EntityLink, Registrar } from "callsheet";

export function registerCallbacks(reg: Registrar) {
  reg.registerCallback({
    scriptName: process.env.SCRIPT_NAME!,
    scriptKey: process.env.SCRIPT_KEY!,
    callback: onTaskStatus,
    matchEvents: { Shotgun_Task_Change: ["sg_status_list"] },
    // A site that is busy for a moment is no reason to stop.
    retry: { attempts: 3, backoff: "2s" },
  });
}

const onTaskStatus: Callback = async (sg, logger, event) => {
  if (!event.entity) return;
  const task = await sg.findOne<{ entity: EntityLink | null }>(
    "Task",
    [["id", "is", event.entity.id]],
    ["entity"],
  );
  if (task?.entity?.type !== "Shot") return;

  const shot = { type: "Shot", id: task.entity.id };
  const unfinished = await sg.findOne("Task", [
    ["entity", "is", shot],
    ["sg_status_list", "not_in", ["fin", "omt"]],
  ]);
  const wanted = unfinished ? "ip" : "fin";
  const found = await sg.findOne<{ sg_status_list: string }>(
    "Shot",
    [["id", "is", shot.id]],
    ["sg_status_list"],
  );
  // Write only what changes: every write is an event again.
  if (!found || found.sg_status_list === wanted) return;
  await sg.update("Shot", shot.id, { sg_status_list: wanted });
  logger.info("%s: %s → %s", task.entity.name, found.sg_status_list, wanted);
};
