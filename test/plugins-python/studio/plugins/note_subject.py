"""Renames a new Note once it is formed: with the pause that the examples advise."""
import os
import time


def registerCallbacks(reg):
    reg.registerCallback(os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"], rename, {"Shotgun_Note_New": None})


def rename(sg, logger, event, args):
    time.sleep(1)
    note = sg.find_one("Note", [["id", "is", event["meta"]["entity_id"]]], ["subject", "user", "note_links"])
    links = "/".join(link["name"] for link in note["note_links"])
    sg.update("Note", note["id"], {"subject": "%s on %s" % (note["user"]["name"], links)})
    sg.create("Reply", {"entity": {"type": "Note", "id": note["id"]}, "content": "renamed"})
