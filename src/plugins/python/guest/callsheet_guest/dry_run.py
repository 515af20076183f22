"""
A dry run, for the `shotgun_api3` that is installed: its requests go to the daemon, which lets reads through and catches writes, as those of
the stand-in do anyway. What would still go to the site in another way is refused.
"""
import http.client
import io
import os
import urllib.parse
import uuid
from email.message import Message
from typing import Any, Callable, Dict, List, Tuple

from . import site

_READING = ("GET", "HEAD", "OPTIONS", "CONNECT")


class DryRunRefused(Exception):
    """Something that a dry run cannot catch was about to change the site."""


def begin(site_url: str) -> None:
    """To be called before any code of a plugin."""
    # for the processes that a plugin begins with `multiprocessing`
    os.environ["CALLSHEET_DRY_RUN"] = "1"
    _refuse_other_ways(urllib.parse.urlsplit(site_url).hostname or "")
    try:
        import shotgun_api3
    except Exception:
        # the plugin will say so, where it needs it
        return
    client = getattr(shotgun_api3, "Shotgun", None)
    if client is not None and hasattr(client, "_http_request"):
        client._http_request = _http_request
        client._build_opener = lambda self, handler: _Opener(self)


def _http_request(client: Any, verb: str, path: str, body: Any, headers: Dict[str, Any]) -> Tuple[Any, Any, bytes]:
    """In place of the client's own."""
    config = client.config
    url = urllib.parse.urlunparse((config.scheme, config.server, path, None, None, None))
    text = body.decode("utf-8") if isinstance(body, bytes) else body
    plain = {str(name).lower(): str(value) for name, value in headers.items() if str(name).lower() != "content-length"}
    reply, data = _send({"url": url, "method": verb, "headers": plain, "body": text or ""})
    return (reply["status"], reply["statusText"]), reply["headers"], data


class _Opener:
    """In place of the one that sends the client's forms and files."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def open(self, request: Any, data: Any = None, *_: Any, **__: Any) -> "_Response":
        url = request if isinstance(request, str) else request.full_url
        method = "POST" if isinstance(request, str) else request.get_method()
        if method == "GET" and data is None:
            reply, body = _send({"url": url, "method": "GET", "headers": {}, "body": None})
        elif isinstance(data, dict):
            content_type, form = _form(data)
            headers = {"content-type": content_type}
            reply, body = _send({"url": url, "method": method, "headers": headers, "body": form})
        else:
            # bytes for a storage: they need not travel
            reply, body = _send({"url": url, "method": "PUT", "headers": {}, "body": ""})
        return _Response(url, reply, body)


class _Response(io.BytesIO):
    def __init__(self, url: str, reply: Dict[str, Any], body: bytes) -> None:
        super().__init__(body)
        self.url = url
        self.status = self.code = reply["status"]
        self.headers = Message()
        for name, value in reply["headers"].items():
            self.headers[name] = value

    def info(self) -> Message:
        return self.headers

    def getcode(self) -> int:
        return int(self.status)

    def geturl(self) -> str:
        return self.url


def _form(fields: Dict[str, Any]) -> Tuple[str, List[Any]]:
    """As the client would send it, with its files left where they are."""
    boundary = uuid.uuid4().hex
    parts: List[Any] = []
    for name, value in fields.items():
        text = "" if not parts else "\r\n"
        if hasattr(value, "read") and isinstance(getattr(value, "name", None), str):
            path = os.path.abspath(value.name)
            text += '--%s\r\ncontent-disposition: form-data; name="%s"; filename="%s"\r\n\r\n' % (
                boundary,
                name,
                os.path.basename(path),
            )
            parts += [text, {"path": path, "start": 0, "length": os.path.getsize(path)}]
        else:
            parts.append(text + '--%s\r\ncontent-disposition: form-data; name="%s"\r\n\r\n%s' % (boundary, name, value))
    parts.append("\r\n--%s--\r\n" % boundary)
    return "multipart/form-data; boundary=%s" % boundary, parts


def _send(request: Dict[str, Any]) -> Tuple[Dict[str, Any], bytes]:
    outcome, data = site.send(request)
    if outcome["kind"] == "broken":
        raise ConnectionError(outcome["message"])
    return outcome["reply"], data


def _refuse_other_ways(host: str) -> None:
    """Other clients, such as one that a toolkit brings along, must not write past the dry run; they may read."""
    put: Callable[..., Any] = http.client.HTTPConnection.putrequest

    def putrequest(connection: Any, method: str, url: str, *args: Any, **more: Any) -> Any:
        hosts = (connection.host, getattr(connection, "_tunnel_host", None), urllib.parse.urlsplit(url).hostname)
        if host in hosts and method.upper() not in _READING:
            raise DryRunRefused(
                "this is a dry run, and %s %s would reach the site in another way than sg" % (method, url)
            )
        return put(connection, method, url, *args, **more)

    http.client.HTTPConnection.putrequest = putrequest  # type: ignore[method-assign]
