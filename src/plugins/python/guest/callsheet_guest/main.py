"""A python process of Callsheet from its first order to its last."""
import _socket
import faulthandler
import os
import signal
import sys
from typing import Any, Dict

from . import failures, replay, site
from .control import Control
from .guest import Guest
from .link import Link
from .logs import capture, is_below, write_from_child
from .modules import watch_imports
from .paths import prepare_path

_LINK_FD = 3
_CONTROL_FD = 4
#: As the Python daemon sets it with `socket`, which is the same and takes longer to import, for everything in its process.
_SOCKET_TIMEOUT_S = 60


def main() -> None:
    faulthandler.enable(2)
    _socket.setdefaulttimeout(_SOCKET_TIMEOUT_S)
    link = Link(_LINK_FD, on_lost=_end_everything)
    control = Control(_CONTROL_FD)
    link.start()
    link.send({"type": "hello", "version": sys.version.split()[0], "executable": sys.executable})
    settings, _ = link.next()
    site.attach(link, settings["site"])
    guest = Guest(link, control, settings)
    _capture_output(guest, link, settings["logLevel"])
    _prepare(settings)
    watch_imports(lambda path, sha256: link.send({"type": "module", "path": path, "sha256": sha256}))
    guest.serve()


def _capture_output(guest: Guest, link: Link, level: str) -> None:
    def write(source: str, level: str, message: str) -> None:
        lane = guest.lane_of(source)
        if lane is None:
            return
        name = lane.logger.name
        if not is_below(source, name):
            # a library's own logger, or nobody's
            source, message = name, "%s: %s" % (source, message) if source else message
        line = {"logger": source, "level": level, "message": failures.clean(message), "eventId": lane.delivery.event_id}
        if link.forked:
            write_from_child(lane.number, line)
        else:
            link.send({"type": "log", "lane": lane.number, "line": line})

    capture(level, write)


def _prepare(settings: Dict[str, Any]) -> None:
    failures.hide_environment()
    prepare_path(settings["pythonPath"])
    replay.begin(settings["replay"], settings["site"]["url"])
    if settings["umask"] is not None:
        os.umask(settings["umask"])
    # a .pyc is known by whole seconds and the size of its source: too little to trust for files that are being edited
    sys.dont_write_bytecode = True


def _end_everything() -> None:
    """The daemon is gone, or nothing is left to do: this process and all that it began end at once."""
    if hasattr(signal, "SIGKILL"):
        os.kill(0, signal.SIGKILL)
    os._exit(1)
