"""Texts of the site that are moments, as datetimes: at any depth of a value, in place, as the official client does it."""
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, Dict, Optional, Tuple

#: No zone changes its offset within ten minutes that begin at a full ten.
_KEY = len("2026-11-01T08:0")
_MOST_KEYS = 5000

#: How far the zone is from UTC, and whether its clocks show this hour for the second time.
_known: Dict[str, Tuple[timedelta, int]] = {}


def read_times(value: Any, zone: Optional[tzinfo]) -> Any:
    """
    The value with each text of exactly the form 2026-11-01T08:00:00Z as a datetime of this zone, which must be this
    machine's; without one, as a naive datetime of UTC.
    """
    if isinstance(value, str):
        return _moment(value, zone) if len(value) == 20 and value[19] == "Z" else value
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, (str, dict, list)):
                value[key] = read_times(item, zone)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, (str, dict, list)):
                value[index] = read_times(item, zone)
    return value


def _moment(text: str, zone: Optional[tzinfo]) -> Any:
    if text[4] + text[7] + text[10] + text[13] + text[16] != "--T::":
        return text
    parts = (text[0:4], text[5:7], text[8:10], text[11:13], text[14:16], text[17:19])
    if not all(part.isdigit() for part in parts):
        return text
    try:
        utc = datetime(*map(int, parts))
        return utc if zone is None else _local(text[:_KEY], utc, zone)
    except (ValueError, OverflowError, OSError):
        # no real moment, or one that the system's clock does not know
        return text


def _local(key: str, utc: datetime, zone: tzinfo) -> datetime:
    known = _known.get(key)
    if known is None:
        local = utc.replace(tzinfo=timezone.utc).astimezone(zone)
        if len(_known) > _MOST_KEYS:
            _known.clear()
        known = _known[key] = (local.utcoffset() or timedelta(0), local.fold)
    offset, fold = known
    return (utc + offset).replace(tzinfo=zone, fold=fold)
