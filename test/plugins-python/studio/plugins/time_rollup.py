"""Sums the logged time of a Task, and remembers in its arguments and in a global what it has seen."""
import os

TASKS_SEEN = set()


def registerCallbacks(reg):
    memory = {"handled": 0, "per_task": {}}
    reg.registerCallback(
        os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"], roll_up, {"Shotgun_TimeLog_New": None}, memory
    )


def roll_up(sg, logger, event, memory):
    log = sg.find_one("TimeLog", [["id", "is", event["meta"]["entity_id"]]], ["entity", "duration"])
    task = log["entity"]
    summary = sg.summarize("TimeLog", [["entity", "is", task]], [{"field": "duration", "type": "sum"}])
    minutes = summary["summaries"]["duration"]
    sg.update("Task", task["id"], {"sg_description": "%d minutes logged" % minutes})
    memory["handled"] += 1
    memory["per_task"].setdefault(task["id"], []).append(log["duration"])
    TASKS_SEEN.add(task["id"])
    logger.info("%d handled, %r, %d task(s)", memory["handled"], memory["per_task"][task["id"]], len(TASKS_SEEN))
