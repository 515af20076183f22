import logging
import os

again = set()
#: A killed host is no reason to stop.
GO_ON = {"stopOnError": False, "retry": {"attempts": 1000, "backoff": "1ms"}}


class Again(logging.Handler):
    """Hears which events come again: their dicts say nothing of it."""

    def emit(self, record):
        if "comes again" in record.msg:
            again.add(record.args[0])


logging.getLogger("plugin.two-callbacks").addHandler(Again())


def note(sg, logger, event, args):
    with open(os.path.join(os.environ["NOTES"], "two-callbacks"), "a") as notes:
        notes.write("%d%s\n" % (event["id"], " redelivered" if event["id"] in again else ""))


def first(sg, logger, event, args):
    """Finishes without a trace, so that kills often fall between the two."""


def registerCallbacks(reg):
    reg.registerCallback("script", "key", first, **GO_ON)
    reg.registerCallback("script", "key", note, **GO_ON)
