# written for Python 2
import os


def registerCallbacks(reg):
    reg.registerCallback(os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"], report)


def report(sg, logger, event, args):
    print "event", event["id"]
