"""Found on PYTHONPATH by every python process of the daemon, before the guest: makes the points of `points.ts` known."""
import os
import sys
from typing import Any, Callable, Optional

from points import hit


def around(owner: Any, name: str, before: Optional[Callable[..., None]] = None, after: Optional[Callable[..., None]] = None) -> None:
    original = getattr(owner, name)

    def wrapped(self: Any, *args: Any) -> Any:
        if before is not None:
            before(*args)
        result = original(self, *args)
        if after is not None:
            after(*args)
        return result

    setattr(owner, name, wrapped)


def watch() -> None:
    sys.path.insert(0, os.environ["POINTS_GUEST"])
    from callsheet_guest.control import Control
    from callsheet_guest.slot import SlotWriter

    sys.path.pop(0)
    around(
        SlotWriter,
        "begun",
        lambda seq, finished: hit("callback.taken") if finished == 0 else None,
        lambda seq, finished: hit("callback.begun" if finished == 0 else "callback.next"),
    )
    around(SlotWriter, "done", lambda seq: hit("commit.finishing"), lambda seq: hit("commit.finished"))
    around(Control, "enter", None, lambda *args: hit("callback.entered"))
    around(Control, "leave", None, lambda: hit("callback.returned"))


if "POINTS_GUEST" in os.environ:
    watch()
