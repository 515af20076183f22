"""The key stands in the file, and the filter is a text instead of a list."""


def registerCallbacks(reg):
    reg.registerCallback("hard_coded", "hard-coded-key", stamp, {"Shotgun_Version_Change": "sg_status_list"})


def stamp(sg, logger, event, args):
    version = sg.find_one("Version", [["id", "is", event["entity"]["id"]]], ["code", "description", "sg_status_list"])
    sg.update("Version", version["id"], {"description": "status is %s" % version["sg_status_list"]})
    logger.info("%s is %s", version["code"], event["meta"]["new_value"])
