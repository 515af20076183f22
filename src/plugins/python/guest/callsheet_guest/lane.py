"""One plugin in this process: it is loaded, it is fed, and it leaves."""
import logging
from typing import Any, Dict

from . import failures
from .conf import Conf
from .control import Control
from .delivery import NOTHING, Delivery
from .link import Link
from .load import LoadFailure, load_plugin
from .logs import LEVELS
from .registrar import emails_of, registered_by, runs_on_of


class Lane:
    def __init__(self, link: Link, control: Control, settings: Dict[str, Any], plugin: Dict[str, Any]) -> None:
        #: By which the daemon calls it.
        self.number: int = plugin["lane"]
        self.name: str = plugin["pluginName"]
        self.logger = _fresh_logger("plugin.%s" % self.name, LEVELS[settings["logLevel"]])
        self.logger.config = Conf(settings, plugin["pluginPath"])  # type: ignore[attr-defined]
        self.delivery = Delivery(self.number, link, control, settings, plugin)
        self._link = link
        self._plugin = plugin
        self._tells_keys: bool = settings["tellKeys"]

    def load(self) -> bool:
        """Tells the daemon how it went."""
        self._send({"type": "loading"})
        try:
            registrar = load_plugin(self._plugin["pluginPath"], self.name, self.logger, self._on_module)
        except LoadFailure as error:
            self._send({"type": "load-failed", "failure": error.failure})
            return False
        registrations = registered_by(registrar)
        failures.hide(registration.script_key for registration in registrations)
        self.delivery.begin(registrations, self.logger)
        if self._plugin["slot"] is None:
            # it may be loaded before the events are its own, which then are not to wait
            self.delivery.prepare()
        callbacks = [registration.public() for registration in registrations]
        if self._tells_keys:
            for told, registration in zip(callbacks, registrations):
                told["scriptKey"] = registration.script_key
        said = {"emails": emails_of(registrar), "runsOn": runs_on_of(registrar)}
        self._send({"type": "loaded", "callbacks": callbacks, **said})
        return True

    def leave(self) -> None:
        self.delivery.close()
        self._send({"type": "stopped"})

    @property
    def may_leave(self) -> bool:
        """Whether it was asked to, and has no event in hand. What was handed to it beyond that is dropped."""
        asked = self.number in self._link.stopping
        return asked and (self.delivery.event_id is None or self.delivery.waits_for == NOTHING)

    def _on_module(self, path: str, sha256: str) -> None:
        self._send({"type": "module", "path": path, "sha256": sha256})

    def _send(self, message: Dict[str, Any]) -> None:
        self._link.send({"lane": self.number, **message})


def _fresh_logger(name: str, level: int) -> logging.Logger:
    """Without what an earlier load of the same plugin in this process did to it. The level is its own, whatever becomes of the root's."""
    for known in [each for each in logging.Logger.manager.loggerDict if each == name or each.startswith(name + ".")]:
        logger = logging.getLogger(known)
        logger.setLevel(logging.NOTSET)
        logger.disabled = False
        logger.handlers.clear()
        logger.filters.clear()
        logger.propagate = True
    plugin = logging.getLogger(name)
    plugin.setLevel(level)
    return plugin
