"""Writes down which events a callback finished, and which of them came again: their dicts say nothing of it."""
import logging
import os
from typing import Any, Callable

from points import hit

#: A killed host is no reason to stop.
GO_ON = {"stopOnError": False, "retry": {"attempts": 1000, "backoff": "1ms"}}


def noting(plugin: str, name: str) -> Callable[..., None]:
    """A callback that does."""
    again = set()

    class Again(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "comes again" in record.msg:
                again.add(record.args[0])  # type: ignore[index]

    logging.getLogger("plugin." + plugin).addHandler(Again())

    def note(sg: Any, logger: Any, event: Any, args: Any) -> None:
        with open(os.path.join(os.environ["NOTES"], name), "a") as notes:
            notes.write("%d%s\n" % (event["id"], " redelivered" if event["id"] in again else ""))
        hit("callback.noted")

    note.__name__ = name
    return note
