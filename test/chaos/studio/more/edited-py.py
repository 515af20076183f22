from _note import listen, note

listen("edited-py")


def registerCallbacks(reg):
    reg.registerCallback("script", "key", lambda sg, logger, event, args: note("edited-py", event))
