from _note import listen, note

listen("calm-py")


def registerCallbacks(reg):
    reg.registerCallback("script", "key", lambda sg, logger, event, args: note("calm-py", event))
