"""What a plugin's `registerCallbacks` receives, and what it registered."""
import logging
from typing import Any, Callable, Dict, List, Optional

from .accident import Accidents
from .arguments import (
    MatchEvents,
    RegistrationRefused,
    callback_name,
    credential,
    function,
    host_label,
    kind_that_never_runs,
    match_events,
    retry_policy,
    time_limit,
)


class Registration:
    """One registered callback."""

    def __init__(self, index: int, name: str, key: str, script_name: str, script_key: str) -> None:
        self.index = index
        self.name = name
        #: Unique within the plugin, and the same after a reload.
        self.key = key
        self.script_name = script_name
        self.script_key = script_key
        self.callback: Callable[..., Any] = _nothing
        self.args: Any = None
        self.match_events: MatchEvents = None
        self.accidents = Accidents(None)
        self.stop_on_error = True
        self.retry: Dict[str, Any] = retry_policy(None)
        self.timeout_ms: Optional[float] = None

    def public(self) -> Dict[str, Any]:
        """What the daemon is told: not the key, the function or the arguments, which stay here."""
        return {
            "index": self.index,
            "name": self.name,
            "key": self.key,
            "scriptName": self.script_name,
            "matchEvents": self.match_events,
            "stopOnError": self.stop_on_error,
            "retry": self.retry,
            "timeoutMs": self.timeout_ms,
        }


class Registrar:
    """The `reg` of the Python daemon, name for name. `runsOn` is Callsheet's own; so are `name`, `retry` and `timeout`, by keyword."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._registered: List[Registration] = []
        self._emails: Any = True
        self._runs_on: Optional[str] = None

    @property
    def logger(self) -> logging.Logger:
        return self._logger

    def getLogger(self) -> logging.Logger:
        return self._logger

    def setEmails(self, *emails: Any) -> None:
        """True: the default addresses. False: no mail. Or addresses, one by one or as a list."""
        if len(emails) == 1 and isinstance(emails[0], bool):
            self._emails = emails[0]
            return
        if len(emails) == 1 and isinstance(emails[0], (list, tuple)):
            emails = tuple(emails[0])
        # the Python daemon took anything, a mailbox of the machine too, and no mail went where it was no address
        addresses = [address.strip() for address in emails if isinstance(address, str) and address.strip()]
        if len(addresses) < len(emails):
            self._logger.warning("setEmails: %r has what is no address, which is left out", emails)
        if not addresses:
            self._logger.warning("setEmails got no address: nobody gets this plugin's mail")
        self._emails = list(dict.fromkeys(addresses)) or False

    def runsOn(self, label: str) -> None:
        """In a cluster: only hosts with this label run the plugin. The configuration's `cluster.runsOn` comes before it."""
        self._runs_on = host_label(label)

    def registerCallback(
        self,
        sgScriptName: str,
        sgScriptKey: str,
        callback: Callable[..., Any],
        matchEvents: Any = None,
        args: Any = None,
        stopOnError: Any = True,
        *,
        name: Optional[str] = None,
        retry: Any = None,
        timeout: Any = None
    ) -> None:
        """
        `retry`: {"attempts": 3, "backoff": "1s"}, calls after the first failed one. `timeout`: longest time of one call.
        Durations are seconds, or texts such as "500ms", "30s" or "5m". Raises TypeError for a wrong argument.
        """
        function(callback)
        index = len(self._registered)
        named = callback_name(name, callback, index)
        registration = Registration(
            index,
            named,
            self._free_key(named),
            credential("sgScriptName", sgScriptName),
            credential("sgScriptKey", sgScriptKey),
        )
        registration.callback = callback
        registration.args = args
        registration.match_events = match_events(matchEvents)
        registration.accidents = Accidents(registration.match_events)
        registration.stop_on_error = bool(stopOnError)
        registration.retry = retry_policy(retry)
        registration.timeout_ms = time_limit(timeout)
        self._registered.append(registration)
        kind = kind_that_never_runs(callback)
        if kind is not None:
            self._logger.warning("%s is %s: a call of it runs nothing of it; make it a plain function", named, kind)

    def _free_key(self, name: str) -> str:
        taken = {registration.key for registration in self._registered}
        key, use = name, 1
        while key in taken:
            use += 1
            key = "%s#%d" % (name, use)
        return key


def registered_by(registrar: Registrar) -> List[Registration]:
    return registrar._registered


def emails_of(registrar: Registrar) -> Any:
    """True, False or a list of addresses."""
    return registrar._emails


def runs_on_of(registrar: Registrar) -> Optional[str]:
    """Label that its host needs."""
    return registrar._runs_on


def _nothing(*_: Any) -> None:
    pass
