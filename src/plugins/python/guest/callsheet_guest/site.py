"""The way to the site for the stand-in: the daemon's own connections."""
from typing import Any, Dict, Optional, Tuple

from .link import Link

_link: Optional[Link] = None
_timeout_ms = 60_000.0


def attach(link: Link, timeout_ms: float) -> None:
    global _link, _timeout_ms
    _link = link
    _timeout_ms = timeout_ms


def send(request: Dict[str, Any], timeout_ms: Optional[float] = None) -> Tuple[Dict[str, Any], bytes]:
    """Sends one HTTP request; the outcome is a reply with its body, or says how the request broke."""
    if _link is None:
        raise RuntimeError("this process has no connection to Callsheet")
    return _link.request(request, timeout_ms or _timeout_ms)
