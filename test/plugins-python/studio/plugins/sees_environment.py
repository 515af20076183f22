"""Looks whether what another plugin put into the environment comes along."""
import os


def registerCallbacks(reg):
    reg.registerCallback(os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"], show, {"Shotgun_Sequence_New": None})


def show(sg, logger, event, args):
    logger.info("facility %s, last event %s", os.environ["FACILITY"], os.environ.get("LAST_EVENT"))
