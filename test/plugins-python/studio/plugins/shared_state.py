"""Three callbacks for one event: each relies on what those before it did."""
import os

_state = {"rating": -1}


def registerCallbacks(reg):
    name, key = os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"]
    args = {"steps": []}
    for callback in (first, second, third):
        reg.registerCallback(name, key, callback, {"Shotgun_Sequence_New": None}, args)


def first(sg, logger, event, args):
    _state["rating"] = 1
    args["steps"].append("first")
    event["noted_by_first"] = True


def second(sg, logger, event, args):
    _state["rating"] += 1
    args["steps"].append("second")


def third(sg, logger, event, args):
    args["steps"].append("third")
    logger.info("%s, rating %d, noted: %s", " ".join(args["steps"]), _state["rating"], event.get("noted_by_first"))
    del args["steps"][:]
