"""What every Python plugin of the chaos run does with an event: meet the mischief that is on, then write down that it came."""
import ctypes
import logging
import os
import time

STUDIO = os.environ["CHAOS_STUDIO"]
again = {}


class Again(logging.Handler):
    """Hears which events come again: their dicts say nothing of it."""

    def __init__(self, events):
        super().__init__()
        self.events = events

    def emit(self, record):
        if "comes again" in record.msg:
            self.events.add(record.args[0])


def listen(plugin):
    again[plugin] = set()
    logging.getLogger("plugin." + plugin).addHandler(Again(again[plugin]))


def note(plugin, event, more="", part=""):
    number = int(event["session_uuid"][-12:], 16)
    clock = time.monotonic_ns() // 1_000_000
    mark = "redelivered" if event["id"] in again[plugin] else "first"
    # each time it comes again this is said again
    again[plugin].discard(event["id"])
    with open(os.path.join(STUDIO, "notes", plugin + part), "a") as notes:
        notes.write("%d %d %s%s\n" % (number, clock, mark, more))


def meet_mischief(plugin):
    try:
        with open(os.path.join(STUDIO, "mischief", plugin)) as order:
            kind = order.read()
    except OSError:
        return
    if kind == "throw":
        raise RuntimeError("mischief")
    if kind == "hang":
        time.sleep(3600)
    if kind == "spin":
        while True:
            pass
    if kind == "exit":
        os._exit(3)
    if kind == "leak":
        kept = []
        while True:
            kept.append(bytearray(1_000_000))
    if kind == "stray":
        ctypes.string_at(0)
