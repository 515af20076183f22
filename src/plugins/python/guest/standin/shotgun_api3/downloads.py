"""A file on its way from the site, or from wherever the site points (protocol notes 8.6)."""
import urllib.parse
from typing import Any, Iterator

from callsheet_guest import site

from .errors import ShotgunFileDownloadError
from .wire import broken, timeout_ms

_MOST_REDIRECTS = 10
_MOST_WORDS = 10_000


class Download:
    """Its bytes, piece by piece. Raises ShotgunFileDownloadError when the site does not give it."""

    def __init__(self, sg: Any, url: str) -> None:
        self._sg = sg
        place = url
        for _ in range(_MOST_REDIRECTS):
            reply = self._ask(place)
            if reply["status"] < 300:
                return
            target = reply["headers"].get("location")
            if reply["status"] >= 400 or not target:
                raise self._refused(url, reply)
            self._pieces.close()
            place = urllib.parse.urljoin(place, target)
        raise ShotgunFileDownloadError("Failed to open %s\nIt leads through more than %d redirects" % (url, _MOST_REDIRECTS))

    def __iter__(self) -> Iterator[bytes]:
        while True:
            outcome, piece = self._pieces.next()
            if outcome["kind"] == "broken":
                raise broken(outcome)
            if outcome["last"]:
                return
            yield piece

    def close(self) -> None:
        self._pieces.close()

    def _ask(self, url: str) -> Any:
        headers = {"user-agent": self._sg._user_agent(), "accept-encoding": "identity"}
        if urllib.parse.urlsplit(url).netloc == self._sg.config.server:
            # the session is for the site alone
            headers["cookie"] = "_session_id=%s" % self._sg.get_session_token()
        request = {"url": url, "method": "GET", "headers": headers, "body": None}
        outcome, self._pieces = site.stream(request, timeout_ms(self._sg.config.timeout_secs))
        if outcome["kind"] == "broken":
            raise broken(outcome)
        return outcome["reply"]

    def _refused(self, url: str, reply: Any) -> ShotgunFileDownloadError:
        text = "Failed to open %s\nHTTP Error %d: %s" % (url, reply["status"], reply["statusText"])
        if reply["status"] == 400:
            text += "\nAttachment may not exist or is a local file?"
        elif reply["status"] in (409, 410):
            # a file that is being looked through, or was found bad: the site says so in words
            words = b"".join(self)[:_MOST_WORDS].decode("utf-8", "replace").strip()
            text += "\n" + words if words else ""
        self.close()
        return ShotgunFileDownloadError(text)
