"""Fails, and is registered to go on all the same. Its mail is turned off."""
import os


def registerCallbacks(reg):
    reg.setEmails(False)
    name, key = os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"]
    reg.registerCallback(name, key, stumble, {"Shotgun_Sequence_New": None}, None, False)
    reg.registerCallback(name, key, walk, {"Shotgun_Sequence_New": []})
    reg.registerCallback(name, key, walk, {})


def stumble(sg, logger, event, args):
    api_key = "very-secret-indeed"
    sequence = event["entity"]["name"]
    raise RuntimeError("stumbled over %s with %d characters" % (sequence, len(api_key)))


def walk(sg, logger, event, args):
    if event["event_type"] == "Shotgun_Sequence_New":
        logger.info("walked on")
