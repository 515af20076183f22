"""Events as the official Python client returns them: its fields, and every date_time as a datetime of the local zone."""
import json
from datetime import datetime, timezone
from typing import Any, Dict

Event = Dict[str, Any]


def read_event(text: bytes) -> Event:
    """A fresh dict."""
    event: Event = json.loads(text)
    for field, value in event.items():
        if value.__class__ is dict or value.__class__ is list or value.__class__ is str:
            event[field] = local_times(value)
    return event


def local_times(value: Any) -> Any:
    """The value with each text of exactly the form 2026-11-01T08:00:00Z, at any depth, as a local datetime. In place."""
    if isinstance(value, str):
        return _local_time(value) if len(value) == 20 and value[19] == "Z" else value
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, (str, dict, list)):
                value[key] = local_times(item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            value[index] = local_times(item)
    return value


def _local_time(text: str) -> Any:
    if text[4] + text[7] + text[10] + text[13] + text[16] != "--T::":
        return text
    parts = (text[0:4], text[5:7], text[8:10], text[11:13], text[14:16], text[17:19])
    if not all(part.isdigit() for part in parts):
        return text
    try:
        year, month, day, hour, minute, second = map(int, parts)
        return datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc).astimezone()
    except (ValueError, OverflowError, OSError):
        # no real moment, or one that the system's clock does not know
        return text
