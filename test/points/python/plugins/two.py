from noted import GO_ON, noting
from points import hit

hit("reload.loading")


def registerCallbacks(reg):
    reg.registerCallback("script", "key", noting("two", "first"), **GO_ON)
    reg.registerCallback("script", "key", noting("two", "second"), **GO_ON)
