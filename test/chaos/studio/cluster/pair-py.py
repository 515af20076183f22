from _call import call, listen

listen("pair-py")


def registerCallbacks(reg):
    reg.registerCallback("script", "key", first)
    reg.registerCallback("script", "key", second)


def first(sg, logger, event, args):
    call("pair-py", event, "-first", 0.5)


def second(sg, logger, event, args):
    call("pair-py", event, "-second", 0.5)
