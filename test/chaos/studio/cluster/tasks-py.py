from _call import call, listen

listen("tasks-py")


def registerCallbacks(reg):
    reg.registerCallback("script", "key", note_task, {"Shotgun_Task_Change": ["sg_status_list"]}, None)


def note_task(sg, logger, event, args):
    call("tasks-py", event)
