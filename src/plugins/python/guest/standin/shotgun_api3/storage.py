"""Files on their way into the site's cloud storage, whole or in parts (protocol notes 8.4)."""
import time
from typing import Any, Dict, List

from callsheet_guest import site

from .errors import ShotgunError
from .forms import LocalFile, is_done, send_form
from .wire import broken, timeout_ms

_ATTEMPTS = 3
_PAUSE_S = 0.75
_BUSY = (500, 503)


def takes(info: Dict[str, Any], entity_type: str, field: Any) -> bool:
    """The site names the types and fields whose files its storage takes; movies of Versions it always takes."""
    if not info.get("s3_direct_uploads_enabled"):
        return False
    if (entity_type, field) == ("Version", "sg_uploaded_movie"):
        return True
    enabled = info.get("s3_enabled_upload_types") or {}
    fields = enabled.get(entity_type, enabled.get("*"))
    return fields == "*" or bool(fields) and ("*" in fields or field in fields)


def store(sg: Any, file: LocalFile, upload_type: str, part_bytes: int) -> str:
    """Puts a file into the storage; returns what the site wants to know to link it."""
    in_parts = file.size > part_bytes
    fields = {"upload_type": upload_type, "filename": file.name}
    answer = _ask(sg, "/upload/api_get_upload_link_info", dict(fields, multipart_upload=in_parts))
    url, timestamp, kind, upload_id = answer.split("\n")[1:5]
    if not in_parts:
        _put(sg, file, url, 0, file.size)
        return answer
    about = dict(fields, upload_type=kind or upload_type, timestamp=timestamp, upload_id=upload_id)
    etags: List[str] = []
    for start in range(0, file.size, part_bytes):
        part = _ask(sg, "/upload/api_get_upload_link_for_part", dict(about, part_number=len(etags) + 1))
        length = min(part_bytes, file.size - start)
        etags.append(_put(sg, file, part.split("\n")[1], start, length))
    _ask(sg, "/upload/api_complete_multipart_upload", dict(about, etags=",".join(etags)))
    return answer


def _ask(sg: Any, path: str, fields: Dict[str, Any]) -> str:
    answer = send_form(sg, path, dict(fields, **sg._auth()))
    if not is_done(answer):
        raise ShotgunError(
            "Could not get upload_url but not sure why.\nPath: %s\nUrl: %s\nError: %s"
            % (fields["filename"], sg._site + path, answer)
        )
    return answer


def _put(sg: Any, file: LocalFile, url: str, start: int, length: int) -> str:
    """Sends bytes of a file, each attempt from their start; returns the storage's ETag."""
    request = {
        "url": url,
        "method": "PUT",
        "headers": {"content-type": file.type},
        "body": [file.part(start, length)],
    }
    for attempt in range(1, _ATTEMPTS + 1):
        outcome, _ = site.send(request, timeout_ms(sg.config.timeout_secs))
        if outcome["kind"] == "broken":
            raise broken(outcome)
        reply = outcome["reply"]
        if reply["status"] < 300:
            return str(reply["headers"].get("etag", ""))
        if reply["status"] not in _BUSY or attempt == _ATTEMPTS:
            break
        time.sleep(_PAUSE_S * attempt)
    # the rest of the address is a signature: whoever has it may write there
    place = url.partition("?")[0]
    raise ShotgunError(
        "Unanticipated error occurred uploading to %s: HTTP Error %d: %s" % (place, reply["status"], reply["statusText"])
    )
