"""When a Task gets a new status, its latest Versions get the one that goes with it."""
import os

# Task status -> Version status
STATUSES = {"fin": "apr", "rev": "rev", "hld": "hld"}


def registerCallbacks(reg):
    matchEvents = {"Shotgun_Task_Change": ["sg_status_list"]}
    reg.registerCallback(
        os.environ["SGDAEMON_PROPAGATE_NAME"],
        os.environ["SGDAEMON_PROPAGATE_KEY"],
        propagate,
        matchEvents,
        STATUSES,
    )
    reg.logger.debug("Registered callback.")


def propagate(sg, logger, event, args):
    new_status = event["meta"].get("new_value")
    if new_status not in args or not event.get("entity"):
        return
    versions = sg.find(
        "Version",
        [["sg_task", "is", event["entity"]], ["sg_status_list", "is_not", args[new_status]]],
        ["code", "sg_status_list", "sg_task.Task.step.Step.code"],
        order=[{"field_name": "created_at", "direction": "desc"}],
    )
    batch = []
    for version in versions:
        batch.append(
            {
                "request_type": "update",
                "entity_type": "Version",
                "entity_id": version["id"],
                "data": {"sg_status_list": args[new_status]},
            }
        )
    if not batch:
        return
    results = sg.batch(batch)
    logger.info(
        "%s: %d version(s) of step %s set to %s",
        event["entity"]["name"],
        len(results),
        versions[0]["sg_task.Task.step.Step.code"],
        args[new_status],
    )
