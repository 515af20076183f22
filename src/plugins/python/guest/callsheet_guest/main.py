"""A plugin's process from its first order to its last."""
import faulthandler
import logging
import os
import signal
import socket
import sys

from . import failures, site
from .control import Control
from .delivery import Delivery
from .link import Link
from .load import LoadFailure, load_plugin
from .logs import capture
from .modules import watch_imports
from .paths import prepare_path
from .registrar import emails_of, registered_by

_LINK_FD = 3
_CONTROL_FD = 4
#: As the Python daemon sets it for everything in its process.
_SOCKET_TIMEOUT_S = 60
_GUEST_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main() -> None:
    faulthandler.enable(2)
    socket.setdefaulttimeout(_SOCKET_TIMEOUT_S)
    link = Link(_LINK_FD, on_lost=_end_everything)
    control = Control(_CONTROL_FD)
    link.start()
    start, _ = link.next()
    site.attach(link, start["site"])
    delivery = Delivery(link, control, start)
    name = start["pluginName"]
    logger = logging.getLogger("plugin.%s" % name)

    def write(source: str, level: str, message: str) -> None:
        if link.forked:
            os.write(2, ("%s\n" % message).encode("utf-8", "backslashreplace"))
            return
        line = {"logger": source, "level": level, "message": message, "eventId": delivery.event_id}
        link.send({"type": "log", "line": line})

    def on_module(path: str, sha256: str) -> None:
        link.send({"type": "module", "path": path, "sha256": sha256})

    capture(logger, start["logLevel"], write)
    _prepare(start)
    watch_imports(on_module, _GUEST_ROOT)
    try:
        registrar = load_plugin(start["pluginPath"], name, logger, on_module)
    except LoadFailure as error:
        link.send({"type": "load-failed", "failure": error.failure})
        while True:
            # the daemon ends this process
            link.next()
    registrations = registered_by(registrar)
    failures.hide(registration.script_key for registration in registrations)
    delivery.begin(registrations, logger)
    callbacks = [registration.public() for registration in registrations]
    link.send({"type": "loaded", "callbacks": callbacks, "emails": emails_of(registrar)})
    _serve(link, control, delivery)


def _serve(link: Link, control: Control, delivery: Delivery) -> None:
    while not control.stop_requested:
        message, body = link.next()
        if message["type"] == "run":
            delivery.hand(message["items"], body)
    sys.stdout.flush()
    sys.stderr.flush()
    link.send({"type": "stopped"})


def _prepare(start: dict) -> None:
    prepare_path(start["pythonPath"])
    sys.argv = [start["pluginPath"]]
    # a .pyc is known by whole seconds and the size of its source: too little to trust for files that are being edited
    sys.dont_write_bytecode = True


def _end_everything() -> None:
    """The daemon is gone, or nothing is left to do: this process and all that it began end at once."""
    if hasattr(signal, "SIGKILL"):
        os.kill(0, signal.SIGKILL)
    os._exit(1)
