"""Looks whether another plugin's scribbles in an event come along, and that every field is there."""
import os


def registerCallbacks(reg):
    reg.registerCallback(os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"], look, {"Shotgun_Sequence_New": None})


def look(sg, logger, event, args):
    logger.info(",".join(sorted(event)))
