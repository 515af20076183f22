"""
A plugin that makes the call which an event's meta describes, with the stand-in, and logs what came of it. Values that JSON
cannot express are written as in the recordings.
"""
import base64
import copy
import datetime
import json
import os
import sys
import time

sys.path[:] = [each for each in sys.path if "site-packages" not in each and "dist-packages" not in each]

import callsheet_guest.times  # noqa: E402
import shotgun_api3  # noqa: E402


def on(sg, logger, event, args):
    case = json.loads(event["meta"]["case"])
    for name, value in (case.get("env") or {}).items():
        os.environ[name] = value
    os.environ["TZ"] = case.get("zone", "Asia/Kolkata")
    time.tzset()
    # a process keeps to the zone that it began with; the recordings are of several
    callsheet_guest.times._known.clear()
    pauses = []
    sleep, time.sleep = time.sleep, pauses.append
    try:
        outcome = {"value": written(run(case))}
    except Exception as error:
        names = [kind.__name__ for kind in type(error).__mro__]
        outcome = {"exception": {"class": names[0], "bases": names[1:], "message": str(error), "attrs": attributes(error)}}
    finally:
        time.sleep = sleep
        for name in case.get("env") or {}:
            del os.environ[name]
    logger.info(json.dumps(dict(outcome, pauses=pauses)))


def attributes(error):
    return {name: getattr(error, name) for name in ("errcode", "errmsg", "errno", "url") if hasattr(error, name)}


def run(case):
    made = shotgun_api3.Shotgun(*read(case["construct"]["args"]), **read(case["construct"]["kwargs"]))
    for name, value in (case.get("config") or {}).items():
        setattr(made.config, name, value)
    if case.get("part_bytes"):
        made._MULTIPART_UPLOAD_CHUNK_SIZE = case["part_bytes"]
    for method, arguments in case.get("before") or []:
        getattr(made, method)(*arguments)
    method = case["method"]
    if method == "__init__":
        return None
    attribute = getattr(made, method)
    if method == "server_caps":
        return str(attribute)
    if not callable(attribute):
        return attribute
    arguments = read(case.get("args") or [])
    value = attribute(*arguments, **read(case.get("kwargs") or {}))
    if not isinstance(value, (bytes, str, bool, type(None), int)):
        assert copy.deepcopy(value) == value
    return value


def read(value):
    if isinstance(value, list):
        return [read(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$tuple" in value:
        return tuple(read(value["$tuple"]))
    if "$date" in value:
        return datetime.date.fromisoformat(value["$date"])
    if "$time" in value:
        return datetime.time.fromisoformat(value["$time"])
    if "$float" in value:
        return float(value["$float"])
    if "$bytes_b64" in value:
        return base64.b64decode(value["$bytes_b64"])
    if value.get("$repr") == "set":
        return {1}
    if "$datetime" in value:
        return moment(value)
    return {key: read(item) for key, item in value.items()}


def moment(value):
    plain = datetime.datetime.fromisoformat(value["$datetime"])
    zone = value.get("tz")
    if zone is None:
        return plain
    if zone == "utc":
        return plain.replace(tzinfo=shotgun_api3.sg_timezone.utc)
    if zone == "local":
        return plain.replace(tzinfo=shotgun_api3.sg_timezone.local)
    return datetime.datetime.fromisoformat(value["$datetime"] + zone)


def written(value):
    if isinstance(value, tuple):
        return {"$tuple": [written(item) for item in value]}
    if isinstance(value, list):
        return [written(item) for item in value]
    if isinstance(value, dict):
        return {key: written(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return {"$bytes_b64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, datetime.datetime):
        text = value.replace(tzinfo=None).isoformat()
        if value.tzinfo is None:
            return {"$datetime": text, "tz": None}
        local = isinstance(value.tzinfo, shotgun_api3.lib.sgtimezone.LocalTimezone)
        return {"$datetime": text, "tz": "local" if local else "other", "offset": value.isoformat()[-6:]}
    return value


def registerCallbacks(reg):
    reg.registerCallback("s", "k", on)
