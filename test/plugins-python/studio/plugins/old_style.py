# -*- coding: utf-8 -*-
"""Written over many years, by many hands."""
import logging
import os

import shotgun_api3 as sg_api
from shotgun_api3 import Fault, Shotgun

logging.basicConfig(level=logging.DEBUG)
LOG = logging.getLogger(__name__)


class Handlers:
    @staticmethod
    def note(sg, logger, event, args):
        assert isinstance(sg, Shotgun) and issubclass(Fault, sg_api.ShotgunError)
        LOG.info(u"caf\xe9 of %s", event["entity"]["name"])

    @classmethod
    def warn(cls, sg, logger, event, args):
        logger.warning("by %s with %s" % (cls.__name__, args))


def registerCallbacks(reg):
    reg.setEmails(*os.environ.get("NOBODY_TO_MAIL", "").split())
    name, key = os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"]
    reg.registerCallback(name, key, Handlers.note, {"Shotgun_Sequence_New": "*"}, None)
    reg.registerCallback(name, key, Handlers.warn, {"Shotgun_Sequence_New": ["*"]}, ("a", 1))
    reg.registerCallback(name, key, lambda sg, logger, event, args: logger.info("in short"), {"Shotgun_Sequence_New": None})


if __name__ == "__main__":
    registerCallbacks(None)
