import time

from _note import listen, note

#: Still at work when it has noted an event, so that kills often fall between that and the end of the call.
WORK_S = 0.003

listen("calm-py")


def work(sg, logger, event, args):
    note("calm-py", event)
    # a moved clock makes sleep fail
    end = time.monotonic() + WORK_S
    while time.monotonic() < end:
        pass


def registerCallbacks(reg):
    reg.registerCallback("script", "key", work)
