"""Events as the official Python client returns them: its fields, and every date_time as a datetime of the local zone."""
import json
from datetime import tzinfo
from typing import Any, Dict, Optional

from .times import read_times

Event = Dict[str, Any]

_zone: Optional[tzinfo] = None


def read_event(text: bytes) -> Event:
    """A fresh dict."""
    event: Event = json.loads(text)
    zone = _zone or _local_zone()
    for field, value in event.items():
        if value.__class__ is dict or value.__class__ is list or value.__class__ is str:
            event[field] = read_times(value, zone)
    return event


def _local_zone() -> tzinfo:
    """That of the client in use, so that an event's times are like those which `sg` returns."""
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
