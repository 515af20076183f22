"""The site's endpoints that take forms instead of JSON, and answer with lines of text (protocol notes 8.1, 8.2)."""
import mimetypes
import os
import time
import urllib.parse
import uuid
from typing import Any, Dict, List, Optional, Tuple

from callsheet_guest import site

from .errors import ShotgunError
from .wire import broken, timeout_ms

_ATTEMPTS = 3
_PAUSE_S = 0.75

#: A part of a body: a text, or bytes of a file, which the daemon reads while it sends them.
Part = Any


class LocalFile:
    """A file that goes to the site. Raises ShotgunError when there is none, or nothing in it."""

    def __init__(self, path: Any) -> None:
        if not os.path.isfile(path or ""):
            raise ShotgunError("Path must be a valid file, got '%s'" % path)
        self.shown = path
        self.path = os.path.abspath(path)
        self.name = os.path.basename(path)
        self.size = os.path.getsize(path)
        self.type = mimetypes.guess_type(path)[0] or "application/octet-stream"
        if not self.size:
            raise ShotgunError("Path cannot be an empty file: '%s'" % path)

    def part(self, start: int, length: int) -> Part:
        return {"path": self.path, "start": start, "length": length}


def send_form(sg: Any, path: str, fields: Dict[str, Any], file: Optional[Tuple[str, LocalFile]] = None) -> str:
    """What the site answered. An HTTP error is tried again, and then reported without its cause, as the official client does."""
    content_type, body = _multipart(fields, *file) if file else _plain(fields)
    request = {
        "url": sg._site + path,
        "method": "POST",
        "headers": {"content-type": content_type, "user-agent": sg._user_agent()},
        "body": body,
    }
    for attempt in range(1, _ATTEMPTS + 1):
        outcome, data = site.send(request, timeout_ms(sg.config.timeout_secs))
        if outcome["kind"] == "broken":
            raise broken(outcome)
        if outcome["reply"]["status"] < 300:
            return data.decode("utf-8")
        if attempt < _ATTEMPTS:
            time.sleep(_PAUSE_S * attempt)
    raise ShotgunError("Max attempts limit reached.")


def is_done(answer: str) -> bool:
    return answer.startswith("1")


def id_of(answer: str) -> Optional[int]:
    """The number after `1:` in the first line; None when it is left out there."""
    number = answer.split(":", 2)[1].split("\n", 1)[0].strip()
    return int(number) if number else None


def _plain(fields: Dict[str, Any]) -> Tuple[str, str]:
    return "application/x-www-form-urlencoded", urllib.parse.urlencode(fields)


def _multipart(fields: Dict[str, Any], field: str, file: LocalFile) -> Tuple[str, List[Part]]:
    boundary = uuid.uuid4().hex
    texts = [
        '--%s\r\ncontent-disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, _quoted(name), value)
        for name, value in fields.items()
    ]
    head = (
        '--%s\r\ncontent-disposition: form-data; name="%s"; filename="%s"\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n'
        % (boundary, field, _quoted(file.name), file.type, file.size)
    )
    body = ["".join(texts) + head, file.part(0, file.size), "\r\n--%s--\r\n\r\n" % boundary]
    return "multipart/form-data; boundary=%s" % boundary, body


def _quoted(name: str) -> str:
    """As browsers write it."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
