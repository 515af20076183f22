"""The way to the site for a process that a plugin forked: connections of its own, since the daemon's line is its parent's."""
import http.client
import os
import socket
import ssl
import urllib.error
import urllib.request
from typing import Any, Dict, Iterator, Optional, Tuple

Outcome = Dict[str, Any]

_PIECE = 1 << 20


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def send(request: Dict[str, Any], timeout_s: float, proxy: Optional[str], ca_certs: Optional[str]) -> Tuple[Outcome, bytes]:
    """As the daemon would send it; the outcome has the same form."""
    if os.environ.get("CALLSHEET_DRY_RUN"):
        raise RuntimeError("this is a dry run: a process that the plugin began cannot reach the site")
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({"http": proxy, "https": proxy} if proxy else {}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca_certs)),
        _NoRedirects(),
    )
    body = request["body"]
    parts = [] if body is None else body if isinstance(body, list) else [body]
    headers = {name: value for name, value in request["headers"].items() if name not in ("accept-encoding", "connection")}
    if body is not None:
        headers["content-length"] = str(sum(map(_size, parts)))
    asked = urllib.request.Request(
        request["url"], None if body is None else _pieces(parts), headers, method=request["method"]
    )
    try:
        with opener.open(asked, timeout=timeout_s) as reply:
            return _answer(reply), reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return _answer(error), error.read()
    except (OSError, http.client.HTTPException) as error:
        return {"kind": "broken", "failure": _failure(error), "message": str(error)}, b""


def _answer(reply: Any) -> Outcome:
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return {"kind": "reply", "reply": {"status": reply.status, "statusText": reply.reason, "headers": headers}}


def _failure(error: Exception) -> str:
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    for kind, failure in (
        (ssl.SSLError, "tls"),
        (socket.gaierror, "unknown-host"),
        (ConnectionRefusedError, "refused"),
        (socket.timeout, "timeout"),
        (ConnectionError, "closed"),
        (http.client.IncompleteRead, "cut"),
        (http.client.HTTPException, "malformed"),
    ):
        if isinstance(inner, kind):
            return failure
    return "other"


def _size(part: Any) -> int:
    return int(part["length"]) if isinstance(part, dict) else len(part.encode("utf-8"))


def _pieces(parts: Any) -> Iterator[bytes]:
    for part in parts:
        if not isinstance(part, dict):
            yield part.encode("utf-8")
            continue
        with open(part["path"], "rb") as file:
            file.seek(part["start"])
            left = part["length"]
            while left > 0:
                piece = file.read(min(left, _PIECE))
                if not piece:
                    raise OSError("%s became shorter while it was sent" % os.path.basename(part["path"]))
                left -= len(piece)
                yield piece
