"""Writes the time of a log-in back to the user: the datetime of the event as it is."""
import os


def registerCallbacks(reg):
    reg.registerCallback(
        os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"], record, {"Shotgun_User_Login": None}
    )


def record(sg, logger, event, args):
    when = event["created_at"]
    assert when.utcoffset() is not None, "no zone"
    assert event["type"] == "EventLogEntry"
    logger.info("%r %s %s", event["project"], event["attribute_name"], type(when.tzinfo).__name__)
    sg.update("HumanUser", event["entity"]["id"], {"sg_last_seen": when})
    back = sg.find_one("HumanUser", [["id", "is", event["entity"]["id"]]], ["sg_last_seen"])
    logger.info("the same moment: %s", back["sg_last_seen"] == when)
