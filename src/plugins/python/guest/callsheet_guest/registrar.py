"""What a plugin's `registerCallbacks` receives, and what it registered."""
import logging
from typing import Any, Callable, Dict, List, Optional, Union

MatchEvents = Optional[Dict[str, Union[List[str], str, None]]]


class RegistrationRefused(TypeError):
    """A call of `reg` has a wrong argument."""

    def __init__(self, message: str, hint: Optional[str] = None) -> None:
        super().__init__(message)
        self.hint = hint


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
        self.stop_on_error = True

    def public(self) -> Dict[str, Any]:
        """What the daemon is told: not the key, the function or the arguments, which stay here."""
        return {
            "index": self.index,
            "name": self.name,
            "key": self.key,
            "scriptName": self.script_name,
            "matchEvents": self.match_events,
            "stopOnError": self.stop_on_error,
            "retry": {"attempts": 0, "backoffMs": 1000},
            "timeoutMs": None,
        }


class Registrar:
    """The `reg` of the Python daemon, name for name."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._registered: List[Registration] = []
        self._emails: Any = True

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
        if not emails or not all(isinstance(address, str) and "@" in address for address in emails):
            raise RegistrationRefused(
                "setEmails: %s." % ("no argument was given" if not emails else "%r is no address" % (emails,)),
                "Give True, False, or addresses such as 'td@studio.com'.",
            )
        self._emails = list(dict.fromkeys(emails))

    def registerCallback(
        self,
        sgScriptName: str,
        sgScriptKey: str,
        callback: Callable[..., Any],
        matchEvents: Any = None,
        args: Any = None,
        stopOnError: Any = True,
    ) -> None:
        if not callable(callback):
            # a text in this place may well be the key
            shown = "a text" if isinstance(callback, str) else repr(callback)
            raise RegistrationRefused("registerCallback: callback is %s, not a function." % shown)
        index = len(self._registered)
        name = _name_of(callback, index)
        registration = Registration(
            index,
            name,
            self._free_key(name),
            _credential("sgScriptName", sgScriptName),
            _credential("sgScriptKey", sgScriptKey),
        )
        registration.callback = callback
        registration.args = args
        registration.match_events = _match_events(matchEvents)
        registration.stop_on_error = bool(stopOnError)
        self._registered.append(registration)

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


def _nothing(*_: Any) -> None:
    pass


def _name_of(callback: Callable[..., Any], index: int) -> str:
    name = getattr(callback, "__name__", None)
    if isinstance(name, str):
        return name
    # the Python daemon put the object's address here, which made a new name at each reload
    return "%s_%d" % (type(callback).__name__, index + 1)


def _credential(argument: str, value: Any) -> str:
    """The value is never shown: name and key are easily swapped."""
    if isinstance(value, str) and value.strip():
        return value
    got = "empty" if isinstance(value, str) else "None" if value is None else "a %s, not a text" % type(value).__name__
    raise RegistrationRefused(
        "registerCallback: %s is %s." % (argument, got),
        "If it comes from the environment, set that variable for the daemon.",
    )


def _match_events(value: Any) -> MatchEvents:
    if not value:
        return None
    if not isinstance(value, dict):
        raise RegistrationRefused(
            "registerCallback: matchEvents is %r, not a dict." % (value,),
            "Give None for every event, or {'Shotgun_Task_Change': ['sg_status_list']}.",
        )
    return {str(kind): _fields(kind, fields) for kind, fields in value.items()}


def _fields(kind: Any, fields: Any) -> Union[List[str], str, None]:
    if fields is None or isinstance(fields, str):
        return fields
    if isinstance(fields, (list, tuple, set, frozenset, dict)):
        return [field for field in fields if isinstance(field, str)]
    raise RegistrationRefused(
        "registerCallback: matchEvents[%r] is %r." % (kind, fields),
        "Give a list of field names, or None for every field.",
    )
