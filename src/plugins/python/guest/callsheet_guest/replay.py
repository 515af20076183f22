"""Whether this process gives past events again, and which replay it is."""
from typing import Any, Dict, Optional

_mark: Optional[Dict[str, Any]] = None


def begin(mark: Optional[Dict[str, Any]], site_url: str) -> None:
    """`mark`: as the daemon sends it, {"id": 3, "dryRun": True}, or None. To be called before any code of a plugin."""
    global _mark
    if mark is None:
        return
    _mark = {"id": mark["id"], "dry_run": mark["dryRun"]}
    if mark["dryRun"]:
        # this late, since it loads Python's own HTTP
        from . import dry_run

        dry_run.begin(site_url)


def replay() -> Optional[Dict[str, Any]]:
    """
    None in a plugin's normal flow. Where an operator gives past events again: {"id": 3, "dry_run": False}. With "dry_run" what `sg`
    writes does not reach the site.
    """
    return None if _mark is None else dict(_mark)
