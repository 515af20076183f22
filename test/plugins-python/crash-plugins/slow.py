import logging
import os
import time

again = set()
#: A killed host is no reason to stop.
GO_ON = {"stopOnError": False, "retry": {"attempts": 1000, "backoff": "1ms"}}


class Again(logging.Handler):
    """Hears which events come again: their dicts say nothing of it."""

    def emit(self, record):
        if "comes again" in record.msg:
            again.add(record.args[0])


logging.getLogger("plugin.slow").addHandler(Again())


def note(sg, logger, event, args):
    if event["id"] % 4 == 0:
        time.sleep(0.001)
    with open(os.path.join(os.environ["NOTES"], "slow"), "a") as notes:
        notes.write("%d%s\n" % (event["id"], " redelivered" if event["id"] in again else ""))


def registerCallbacks(reg):
    reg.registerCallback("script", "key", note, **GO_ON)
