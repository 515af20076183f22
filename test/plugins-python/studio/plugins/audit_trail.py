"""Logs in every way there is: levels, %-arguments, exceptions, a handler of its own, the configuration beside the logger."""
import logging
import os


def registerCallbacks(reg):
    reg.logger.setLevel(logging.DEBUG)
    assert reg.getLogger() is reg.logger
    handler = logging.FileHandler(os.path.join(os.environ["SHOTS_ROOT"], "audit.log"))
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    reg.logger.addHandler(handler)
    reg.setEmails("td@studio.example", "supervisor@studio.example")
    reg.registerCallback(os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"], log, {"Shotgun_Sequence_New": None})


def log(sg, logger, event, args):
    logger.debug("debug %s", event["event_type"])
    logger.warning("warning %(count)d", {"count": 2})
    try:
        {}["missing"]
    except KeyError:
        logger.error("caught", exc_info=True)
    logging.getLogger("studio.library").info("from a library")
    logger.info("the site is %s", logger.config.get("shotgun", "server") == os.environ["SG_EVENTS_SITE"])
