from _note import listen, meet_mischief, note

listen("wild-py")


def go_wild(sg, logger, event, args):
    meet_mischief("wild-py")
    note("wild-py", event)


def registerCallbacks(reg):
    reg.registerCallback("script", "key", go_wild, timeout="2s")
