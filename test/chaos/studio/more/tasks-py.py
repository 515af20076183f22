from _note import listen, note

listen("tasks-py")


def registerCallbacks(reg):
    reg.registerCallback(
        "script",
        "key",
        lambda sg, logger, event, args: note("tasks-py", event),
        {"Shotgun_Task_Change": ["sg_status_list"]},
    )
