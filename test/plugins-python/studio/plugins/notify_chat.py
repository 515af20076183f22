"""Posts a note to a chat, as a web hook would. The user of an event may be missing."""
import json
import os
import socket

try:
    from urllib.request import Request, urlopen
except ImportError:
    from urllib2 import Request, urlopen

COLOURS = {"fin": "good", "hld": "danger"}


def registerCallbacks(reg):
    reg.registerCallback(
        os.environ["SG_EVENTS_NAME"],
        os.environ["SG_EVENTS_KEY"],
        notify,
        {"Shotgun_Task_Change": ["sg_status_list"]},
        {"channel": "#animation"},
    )


def notify(sg, logger, event, args):
    user = (event["user"] or {}).get("name", "somebody")
    text = "%s set %s to %s" % (user, event["entity"]["name"], event["meta"]["new_value"])
    body = {"channel": args["channel"], "text": text, "color": COLOURS.get(event["meta"]["new_value"])}
    request = Request(os.environ["CHAT_URL"], json.dumps(body).encode("utf-8"), {"Content-Type": "application/json"})
    answer = urlopen(request).read().decode("utf-8")
    logger.info("chat said %s; sockets wait %s s", answer, socket.getdefaulttimeout())
