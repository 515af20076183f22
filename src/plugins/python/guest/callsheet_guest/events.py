"""Events as the official Python client returns them: its fields, and every date_time as a datetime of the local zone."""
import json
from datetime import tzinfo
from typing import Any, Dict, Optional, Tuple

from .times import read_times

Event = Dict[str, Any]

_decode = json.JSONDecoder().decode
_zone: Optional[tzinfo] = None
_last: Tuple[str, Any] = ("", "")


def read_event(text: bytes) -> Event:
    """A fresh dict."""
    event: Event = _decode(text.decode("utf-8"))
    created = event.get("created_at")
    # most events have no other time: then nothing has to be searched for one
    if created.__class__ is str and created[-1:] == "Z" and text.count(b'Z"') == 1:
        event["created_at"] = _moment(created)
        return event
    zone = _zone or local_zone()
    for field, value in event.items():
        if value.__class__ is dict or value.__class__ is list or value.__class__ is str:
            event[field] = read_times(value, zone)
    return event


def _moment(text: str) -> Any:
    """Many events in a row are of the same second."""
    global _last
    if _last[0] != text:
        _last = (text, read_times(text, _zone or local_zone()))
    return _last[1]


def local_zone() -> tzinfo:
    """Slow at the first time. That of the client in use, so that an event's times are like those which `sg` returns."""
    global _zone
    try:
        # as late as `sg` is made, since it is slow
        from shotgun_api3.lib.sgtimezone import SgTimezone
    except Exception:
        from .zone import LocalTimezone

        _zone = LocalTimezone()
    else:
        _zone = SgTimezone().local
    assert _zone is not None
    return _zone
