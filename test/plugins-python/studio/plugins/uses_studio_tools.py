"""Imports what lies beside the daemon's script, and what it put on the path by hand."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["DAEMON_FOLDER"], "vendor"))

import colorsys

import parse_markup
from studio_tools import paths


def registerCallbacks(reg):
    reg.registerCallback(os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"], show, {"Shotgun_Sequence_New": None})


def show(sg, logger, event, args):
    folder = paths.sequence_folder(event["entity"]["name"])
    logger.info("%s %s %s", folder, parse_markup.strip("<b>bold</b>"), colorsys.STUDIO)
