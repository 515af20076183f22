from _call import call, listen

listen("calm-py")


def registerCallbacks(reg):
    reg.registerCallback("script", "key", lambda sg, logger, event, args: call("calm-py", event))
