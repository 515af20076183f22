"""Durations as a plugin gives them: seconds, as everywhere in Python, or a text such as "500ms", "30s" or "5m"."""
import math
import re
from typing import Any

#: The longest that the daemon's timers can wait, in milliseconds.
LONGEST_MS = 2**31 - 1

_TEXT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*")
_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def milliseconds(value: Any) -> float:
    """Raises ValueError for anything that is no duration."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
        return float(value) * 1000
    found = _TEXT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("%r is no duration: give seconds, or a text such as '500ms', '30s' or '5m'" % (value,))
    return float(found.group(1)) * _UNITS_MS[found.group(2)]
