"""Values on their way out and in (protocol notes 5.4, 6)."""
import datetime
import os
import sys
from typing import Any, Dict, List

_SENT_KEYS = ("id", "type", "url", "name", "content_type", "local_path", "storage", "relative_path")
_PLATFORM = {"win32": "local_path_windows", "darwin": "local_path_mac"}.get(sys.platform, "local_path_linux")


def outbound(value: Any, to_utc: bool) -> Any:
    """A copy for JSON: datetimes as UTC texts without fraction, dates as texts; a naive datetime is of this machine's zone."""
    if isinstance(value, dict):
        return {key: outbound(item, to_utc) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [outbound(item, to_utc) for item in value]
    if isinstance(value, datetime.datetime):
        utc = value.astimezone(datetime.timezone.utc) if to_utc else value
        return utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, datetime.date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, datetime.time):
        return outbound(datetime.datetime.combine(datetime.date.today(), value), to_utc)
    return value


def record(value: Any) -> Any:
    """A record as the site returned it, made ready: `&lt;` in its texts, and the paths of local files. In place."""
    if not isinstance(value, dict):
        return value
    for field, item in value.items():
        if isinstance(item, str):
            value[field] = item.replace("&lt;", "<")
        elif isinstance(item, dict) and item.get("link_type") == "local" and _PLATFORM in item:
            item["local_path"] = item[_PLATFORM]
            item["url"] = "file://%s" % (item[_PLATFORM] or "")
    return value


def records(values: Any) -> List[Any]:
    return [record(value) for value in values]


def slim(value: Any) -> Any:
    """Entities, alone or in a list, with only the keys that are sent; anything else as it is."""
    if os.environ.get("SHOTGUN_API_DISABLE_ENTITY_OPTIMIZATION", "0").lower() not in ("0", "false", ""):
        return value
    if isinstance(value, list):
        return [_slim(item) for item in value]
    return _slim(value)


def _slim(value: Any) -> Any:
    if isinstance(value, dict) and "type" in value and "id" in value:
        return {key: value[key] for key in _SENT_KEYS if key in value}
    return value


def fields(data: Dict[str, Any]) -> List[Dict[str, Any]]:
    return [{"field_name": name, "value": value} for name, value in data.items()]
