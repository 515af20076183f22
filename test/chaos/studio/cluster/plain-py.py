from _call import call, listen

listen("plain-py")


def registerCallbacks(reg):
    reg.registerCallback("script", "key", lambda sg, logger, event, args: call("plain-py", event))
