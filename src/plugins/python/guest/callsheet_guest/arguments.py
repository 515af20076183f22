"""Checks what a plugin passes to `registerCallback`, and turns it into the form that the daemon takes."""
import re
from typing import Any, Callable, Dict, List, Optional, Union

from .durations import LONGEST_MS, milliseconds

MatchEvents = Optional[Dict[str, Union[List[str], str, None]]]


class RegistrationRefused(TypeError):
    """A call of `reg` has a wrong argument."""

    def __init__(self, message: str, hint: Optional[str] = None) -> None:
        super().__init__(message)
        self.hint = hint


def callback_name(given: Optional[str], callback: Callable[..., Any], index: int) -> str:
    if given is not None:
        if isinstance(given, str) and given.strip():
            return given
        raise _refused("name is %r." % (given,), "Give a text, or leave it out.")
    name = getattr(callback, "__name__", None)
    if isinstance(name, str):
        return name
    # the Python daemon put the object's address here, which made a new name at each reload
    return "%s_%d" % (type(callback).__name__, index + 1)


def function(value: Any) -> Callable[..., Any]:
    if callable(value):
        return value  # type: ignore[no-any-return]
    # a text in this place may well be the key
    shown = "a text" if isinstance(value, str) else repr(value)
    raise _refused("callback is %s, not a function." % shown)


def kind_that_never_runs(callback: Callable[..., Any]) -> Optional[str]:
    """A function whose call only makes something that somebody else would have to run; None for any other."""
    inner = getattr(callback, "func", callback)
    code = getattr(inner, "__code__", None) or getattr(getattr(type(inner), "__call__", None), "__code__", None)
    flags = getattr(code, "co_flags", 0)
    # those of the module `inspect`, which takes a megabyte
    return next((kind for flag, kind in ((0x80, "async"), (0x200, "async"), (0x20, "a generator")) if flags & flag), None)


def credential(argument: str, value: Any) -> str:
    """The value is never shown: name and key are easily swapped."""
    if isinstance(value, str) and value.strip():
        return value
    got = "empty" if isinstance(value, str) else "None" if value is None else "a %s, not a text" % type(value).__name__
    raise _refused("%s is %s." % (argument, got), "If it comes from the environment, set that variable for the daemon.")


def host_label(value: Any) -> str:
    if isinstance(value, str) and re.match(r"[A-Za-z0-9_.-]{1,100}\Z", value):
        return value
    raise _refused("runsOn: %r is not a label." % (value,), 'Give letters, digits, ".", "_" and "-", such as runsOn("render").')


def match_events(value: Any) -> MatchEvents:
    if not value:
        return None
    if not isinstance(value, dict):
        raise _refused(
            "matchEvents is %r, not a dict." % (value,),
            "Give None for every event, or {'Shotgun_Task_Change': ['sg_status_list']}.",
        )
    return {str(kind): _fields(kind, fields) for kind, fields in value.items()}


def _fields(kind: Any, fields: Any) -> Union[List[str], str, None]:
    if fields is None or isinstance(fields, str):
        return fields
    if isinstance(fields, (list, tuple, set, frozenset, dict)):
        return [field for field in fields if isinstance(field, str)]
    raise _refused("matchEvents[%r] is %r." % (kind, fields), "Give a list of field names, or None for every field.")


def retry_policy(value: Any) -> Dict[str, Any]:
    fix = 'Give {"attempts": 3, "backoff": "1s"}.'
    if value is None:
        return {"attempts": 0, "backoffMs": 1000}
    if not isinstance(value, dict):
        raise _refused("retry is %r." % (value,), fix)
    unknown = [key for key in value if key not in ("attempts", "backoff")]
    if unknown:
        raise _refused("there is no option %r in retry." % (unknown[0],), fix)
    attempts = value.get("attempts")
    if not isinstance(attempts, int) or isinstance(attempts, bool) or attempts < 0:
        raise _refused("retry['attempts'] is %r." % (attempts,), "Give a whole number, 0 or more.")
    backoff = value.get("backoff")
    return {"attempts": attempts, "backoffMs": 1000 if backoff is None else _duration("retry['backoff']", backoff, 0)}


def time_limit(value: Any) -> Optional[float]:
    """Milliseconds; None for no limit."""
    return None if value is None else _duration("timeout", value, 1)


def _duration(argument: str, value: Any, least_ms: float) -> float:
    try:
        duration = milliseconds(value)
    except ValueError:
        fix = "Give seconds, or a text such as '500ms', '30s' or '5m'."
        raise _refused("%s is %r." % (argument, value), fix) from None
    if least_ms <= duration <= LONGEST_MS:
        return duration
    raise _refused("%s is %r." % (argument, value), "It must be %d ms to 24 days." % least_ms)


def _refused(what: str, hint: Optional[str] = None) -> RegistrationRefused:
    return RegistrationRefused("registerCallback: %s" % what, hint)
