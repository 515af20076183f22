"""The way to the site for the stand-in: the daemon's own connections."""
from typing import Any, Dict, Optional, Tuple

from .link import Link, Pieces, whole_in_pieces

_link: Optional[Link] = None
_site: Dict[str, Any] = {"timeoutMs": 60_000.0, "httpProxy": None, "caCerts": None}


def attach(link: Link, site: Dict[str, Any]) -> None:
    """`site`: the settings that the daemon's configuration has for it."""
    global _link, _site
    _link = link
    _site = site


def send(request: Dict[str, Any], timeout_ms: Optional[float] = None) -> Tuple[Dict[str, Any], bytes]:
    """Sends one HTTP request; the outcome is a reply with its body, or says how the request broke."""
    timeout_ms = timeout_ms or _site["timeoutMs"]
    line = _line()
    if line is None:
        # this late, since it loads Python's own HTTP and TLS
        from . import direct

        return direct.send(request, timeout_ms / 1000.0, _site["httpProxy"], _site["caCerts"])
    return line.request(request, timeout_ms)


def stream(request: Dict[str, Any], timeout_ms: Optional[float] = None) -> Tuple[Dict[str, Any], Pieces]:
    """As `send`, with the body piece by piece."""
    line = _line()
    if line is None:
        outcome, body = send(request, timeout_ms)
        return outcome, whole_in_pieces(body)
    return line.stream(request, timeout_ms or _site["timeoutMs"])


def own_way(http_proxy: Optional[str], ca_certs: Optional[str]) -> None:
    """How a process that knows nothing of the daemon's configuration gets to the site; any other goes on as it was told."""
    if _link is None:
        _site.update(httpProxy=http_proxy, caCerts=ca_certs)


def _line() -> Optional[Link]:
    """None in a process that `multiprocessing` began: a fork has its parent's, and one that is begun anew has none."""
    return None if _link is None or _link.forked else _link
