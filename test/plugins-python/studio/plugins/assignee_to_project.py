"""Who is assigned to a Task becomes a member of its project. One matching key is *, with a list."""
import os


def registerCallbacks(reg):
    reg.registerCallback(
        os.environ["SG_EVENTS_NAME"],
        os.environ["SG_EVENTS_KEY"],
        callback=add_to_project,
        matchEvents={"*": ["task_assignees"], "Shotgun_Shot_Change": ["code"]},
        args=None,
        stopOnError=False,
    )


def add_to_project(sg, logger, event, args):
    added = [user for user in event["meta"]["added"] if user["type"] == "HumanUser"]
    if not added:
        return
    project = sg.find_one("Project", [["id", "is", event["project"]["id"]]], ["users"])
    known = set(user["id"] for user in project["users"])
    missing = [{"type": "HumanUser", "id": user["id"]} for user in added if user["id"] not in known]
    if missing:
        sg.update("Project", project["id"], {"users": missing}, multi_entity_update_modes={"users": "add"})
        logger.info("added %s to %s", ", ".join(user["name"] for user in added), event["project"]["name"])
