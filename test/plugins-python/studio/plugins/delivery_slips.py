"""A dataclass with annotations that are texts, pickled to disk, and a function of a plugin next to it."""
from __future__ import annotations

import os
import pickle
from dataclasses import dataclass, field
from typing import ClassVar

import notify_chat


@dataclass
class Slip:
    kind: ClassVar[str] = "slip"
    shot: str
    events: list[int] = field(default_factory=list)


def registerCallbacks(reg):
    reg.registerCallback(os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"], keep, {"Shotgun_Shot_New": None})


def keep(sg, logger, event, args):
    path = os.path.join(os.environ["SHOTS_ROOT"], "slips.pickle")
    slips = []
    if os.path.exists(path):
        with open(path, "rb") as file:
            slips = pickle.load(file)
    slips.append(Slip(event["entity"]["name"], [event["id"]]))
    with open(path, "wb") as file:
        pickle.dump(slips, file)
    logger.info("%s; done is %s", ", ".join(slip.shot for slip in slips), notify_chat.COLOURS["fin"])
