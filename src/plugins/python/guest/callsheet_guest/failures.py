"""Whatever a plugin raises, as a report that can leave its process. Nothing raised, however odd, makes this raise."""
import os
import re
import traceback
from types import FrameType, TracebackType
from typing import Any, Dict, Iterable, List, Optional

from .logs import cut

Report = Dict[str, Any]

GUEST_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep

_LONGEST_MESSAGE = 10_000
_LONGEST_FINGERPRINT = 200
_LONGEST_STACK = 50_000
_LONGEST_VALUE = 300
_MOST_LOCALS = 40
#: Of the environment: `yes` is no secret, and would be hidden in every sentence.
_SHORTEST_SECRET = 8
_SECRET_NAME = re.compile(r"key|passw|secret|token|credential|auth(?!or)", re.IGNORECASE)

_secrets: List[str] = []


def hide(secrets: Iterable[str]) -> None:
    """These texts stand in no report from now on."""
    _secrets.extend(secret for secret in secrets if len(secret) > 3)


def hide_environment() -> None:
    """Values of variables whose names sound secret."""
    hide(value for name, value in os.environ.items() if _SECRET_NAME.search(name) and len(value) >= _SHORTEST_SECRET)


def report_of(error: BaseException, own_file: str) -> Report:
    """Name, message, and the traceback as Python prints it without the guest's frames, with the plugin's variables."""
    trace = without_guest(error.__traceback__)
    lines = traceback.format_exception(type(error), error, trace)
    frame = _frame_of(trace, own_file)
    if frame is not None:
        lines.append(_variables(frame))
    report: Report = {
        "name": type(error).__name__,
        "message": _clean(cut(_text(error), _LONGEST_MESSAGE)),
        "stack": _clean(cut("".join(lines).rstrip(), _LONGEST_STACK)),
    }
    fingerprint = getattr(error, "fingerprint", None)
    if isinstance(fingerprint, str) and fingerprint.strip():
        report["fingerprint"] = _clean(cut(fingerprint.strip(), _LONGEST_FINGERPRINT))
    return report


def in_words(report: Report) -> str:
    """`KeyError: 'SCRIPT_KEY'`, for the middle of a sentence."""
    return "%s: %s" % (report["name"], report["message"]) if report["message"] else str(report["name"])


def place_of(error: BaseException) -> Optional[str]:
    """`/studio/plugins/notify.py:12`, the innermost place outside of Callsheet."""
    trace = without_guest(error.__traceback__)
    place = None
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(GUEST_FOLDER) and not file.startswith("<"):
            place = "%s:%d" % (file, trace.tb_lineno)
        trace = trace.tb_next
    return place


def without_guest(trace: Optional[TracebackType]) -> Optional[TracebackType]:
    """The traceback from the first frame on that is not the guest's."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(GUEST_FOLDER):
        trace = trace.tb_next
    return trace


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as again:
        return "its text cannot be made (%s)" % type(again).__name__


def _frame_of(trace: Optional[TracebackType], own_file: str) -> Optional[FrameType]:
    """The innermost frame of the plugin's own file, else the innermost of all."""
    innermost = own = None
    while trace is not None:
        innermost = trace.tb_frame
        if innermost.f_code.co_filename == own_file:
            own = innermost
        trace = trace.tb_next
    return own or innermost


def _variables(frame: FrameType) -> str:
    if frame.f_code.co_name == "<module>":
        return ""
    shown = [
        "  %s = %s\n" % (name, _value(name, value)) for name, value in list(frame.f_locals.items())[:_MOST_LOCALS]
    ]
    place = "%s, %s:%d" % (frame.f_code.co_name, frame.f_code.co_filename, frame.f_lineno)
    return "Variables of %s:\n%s" % (place, "".join(shown)) if shown else ""


def _value(name: str, value: Any) -> str:
    if _SECRET_NAME.search(name):
        return "[hidden]"
    try:
        return cut(repr(value), _LONGEST_VALUE)
    except Exception as error:
        return "(its repr failed: %s)" % type(error).__name__


def _clean(text: str) -> str:
    for secret in _secrets:
        text = text.replace(secret, "[hidden]")
    return text
