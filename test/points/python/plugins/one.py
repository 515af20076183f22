from noted import GO_ON, noting
from points import hit

hit("reload.loading")


def registerCallbacks(reg):
    reg.registerCallback("script", "key", noting("one", "one"), **GO_ON)
