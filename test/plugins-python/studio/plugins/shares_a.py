"""Puts something into a module that another plugin imports, too."""
import os

from studio_tools import counter


def registerCallbacks(reg):
    reg.registerCallback(os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"], put, {"Shotgun_Sequence_New": None})


def put(sg, logger, event, args):
    counter.seen.append(event["entity"]["name"])
