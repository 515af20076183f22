"""A callable object whose class stands in another file of the folder."""
import os

from handler_base import Handler


class ReplyHandler(Handler):
    entity_type = "Reply"
    fields = ["content", "entity", "user"]

    def handle(self, sg, logger, event, entity):
        note = entity["entity"]
        sg.update("Note", note["id"], {"sg_status_list": "ip"})
        logger.info("reply to %s", note["name"])


def registerCallbacks(reg):
    reg.registerCallback(
        os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"], ReplyHandler(), {"Shotgun_Reply_New": None}
    )
