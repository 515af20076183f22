"""The variables of a plugin's function as text: short, and without what sounds secret."""
import re
from itertools import islice
from types import FrameType
from typing import Any, Iterator

from .logs import cut

SECRET_NAME = re.compile(r"key|passw|secret|token|credential|auth(?!or(?!i))", re.IGNORECASE)

_LONGEST_VALUE = 300
#: What is looked at for secrets; the rest is cut off anyway.
_LONGEST_LOOK = 20 * _LONGEST_VALUE
_MOST_ITEMS = 100
_MOST_VARIABLES = 40

_TEXT = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^\s,)}\]]+"
#: `'password': 'hunter2'` and `password='hunter2'`, as dicts and other objects show what they hold.
_PAIR = re.compile(
    r"(['\"][^'\"]*(?:%s)[^'\"]*['\"]: |\b\w*(?:%s)\w*=)(?:%s)" % (SECRET_NAME.pattern, SECRET_NAME.pattern, _TEXT),
    re.IGNORECASE,
)


def variables_of(frame: FrameType) -> str:
    """Empty for the top level of a module."""
    if frame.f_code.co_name == "<module>":
        return ""
    shown = ["  %s = %s\n" % (name, _value(name, value)) for name, value in _first(frame)]
    place = "%s, %s:%d" % (frame.f_code.co_name, frame.f_code.co_filename, frame.f_lineno)
    return "Variables of %s:\n%s" % (place, "".join(shown)) if shown else ""


def _first(frame: FrameType) -> Iterator[Any]:
    return islice(list(frame.f_locals.items()), _MOST_VARIABLES)


def _value(name: str, value: Any) -> str:
    if SECRET_NAME.search(name):
        return "[hidden]"
    try:
        begins = _beginning(value)
        shown = repr(begins)
    except BaseException as error:
        # whatever it is, even a SystemExit: it is not the failure that is told of
        return "(its repr failed: %s)" % type(error).__name__
    shown = cut(_PAIR.sub(r"\1[hidden]", shown[:_LONGEST_LOOK]) + shown[_LONGEST_LOOK:], _LONGEST_VALUE)
    return shown if begins is value else "%s, %d in all" % (shown, len(value))


def _beginning(value: Any) -> Any:
    """Of a large built-in value, whose repr would take megabytes; any other as it is."""
    kind = type(value)
    if kind in (str, bytes, bytearray) and len(value) > _LONGEST_LOOK:
        return value[:_LONGEST_LOOK]
    if kind in (list, tuple, set, frozenset) and len(value) > _MOST_ITEMS:
        return kind(islice(value, _MOST_ITEMS))
    if kind is dict and len(value) > _MOST_ITEMS:
        return dict(islice(value.items(), _MOST_ITEMS))
    return value
