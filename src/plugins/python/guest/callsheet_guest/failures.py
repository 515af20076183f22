"""Whatever a plugin raises, as a report that can leave its process. Nothing raised, however odd, makes this raise."""
import os
import re
import traceback
from types import FrameType, TracebackType
from typing import Any, Dict, Iterable, List, Optional

from .logs import cut
from .source import source_of
from .variables import SECRET_NAME, variables_of

Report = Dict[str, Any]

_LIBRARY = os.path.dirname(os.__file__) + os.sep
GUEST_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep

_LONGEST_MESSAGE = 10_000
_LONGEST_FINGERPRINT = 200
_LONGEST_STACK = 50_000
#: Of the environment: `yes` is no secret, and would be hidden in every sentence.
_SHORTEST_SECRET = 8
#: `https://name:password@host`
_URL_PASSWORD = re.compile(r"(://[^/\s:@]+:)[^/\s@]+@")

_secrets: List[str] = []


def hide(secrets: Iterable[str]) -> None:
    """These texts stand in no report from now on."""
    _secrets.extend(secret for secret in secrets if len(secret) > 3)


def hide_environment() -> None:
    """Values of variables whose names sound secret."""
    hide(value for name, value in os.environ.items() if SECRET_NAME.search(name) and len(value) >= _SHORTEST_SECRET)


def report_of(error: BaseException, own_file: str) -> Report:
    """Name, message, and the traceback as Python prints it without the guest's frames, with the plugin's variables."""
    try:
        return _report(error, own_file)
    except BaseException as again:
        # an exception can be so odd that Python itself fails to print it
        name = type.__dict__["__name__"].__get__(type(error))
        return {"name": name, "message": "it cannot be shown (%s)" % type(again).__name__, "stack": None}


def _report(error: BaseException, own_file: str) -> Report:
    trace = without_guest(error.__traceback__)
    lines = traceback.format_exception(type(error), error, trace)
    frame = _frame_of(trace, own_file)
    if frame is not None:
        lines.append(variables_of(frame))
    report: Report = {
        "name": type(error).__name__,
        "message": clean(cut(_text(error), _LONGEST_MESSAGE)),
        "stack": clean(cut("".join(lines).rstrip(), _LONGEST_STACK)),
    }
    source = source_of(error.__traceback__, own_file)
    if source is not None:
        source["lines"] = [clean(line) for line in source["lines"]]
        report["source"] = source
    fingerprint = getattr(error, "fingerprint", None)
    if isinstance(fingerprint, str) and fingerprint.strip():
        report["fingerprint"] = clean(cut(fingerprint.strip(), _LONGEST_FINGERPRINT))
    return report


def in_words(report: Report) -> str:
    """`KeyError: 'SCRIPT_KEY'`, for the middle of a sentence."""
    return "%s: %s" % (report["name"], report["message"]) if report["message"] else str(report["name"])


def place_of(error: BaseException) -> Optional[str]:
    """`/studio/plugins/notify.py:12`, the innermost place outside of Callsheet, and of Python's own library if there is one."""
    trace = without_guest(error.__traceback__)
    own = library = None
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        place = "%s:%d" % (file, trace.tb_lineno)
        if file.startswith(_LIBRARY):
            library = place
        elif not file.startswith(GUEST_FOLDER) and not file.startswith("<"):
            own = place
        trace = trace.tb_next
    return own or library


def without_guest(trace: Optional[TracebackType]) -> Optional[TracebackType]:
    """The traceback from the first frame on that is not the guest's."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(GUEST_FOLDER):
        trace = trace.tb_next
    return trace


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException as again:
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


def clean(text: str) -> str:
    """Without what `hide` was told of."""
    for secret in _secrets:
        text = text.replace(secret, "[hidden]")
    return _URL_PASSWORD.sub(r"\1[hidden]@", text)
