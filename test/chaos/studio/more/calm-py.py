import time

from _note import listen, note

#: Still at work when it has noted an event, so that kills often fall between that and the end of the call.
WORK_S = 0.002

listen("calm-py")


def work(sg, logger, event, args):
    note("calm-py", event)
    time.sleep(WORK_S)


def registerCallbacks(reg):
    reg.registerCallback("script", "key", work)
