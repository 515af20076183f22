"""One call of the site: request, reply, attempts (protocol notes 1, 11)."""
import errno
import http.client
import json
import os
import platform
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from callsheet_guest import site

from . import errors
from .lib.httplib2 import FailedToDecompressContent, ServerNotFoundError

if TYPE_CHECKING:
    from .config import Config

_GATEWAY_PAUSES = (0.75, 1.5)
_BUSY = "Flow Production Tracking is currently down for maintenance or too busy to reply. Please try again later."
_FAULTS: Dict[Any, Tuple[Any, str]] = {
    102: (errors.AuthenticationFault, "Unknown Authentication Error"),
    106: (errors.MissingTwoFactorAuthenticationFault, "Unknown 2FA Authentication Error"),
    108: (
        errors.UserCredentialsNotAllowedForSSOAuthenticationFault,
        "Authentication using username/password is not allowed for an SSO-enabled Flow Production Tracking site",
    ),
    110: (
        errors.UserCredentialsNotAllowedForOxygenAuthenticationFault,
        "Authentication using username/password is not allowed for an Autodesk Identity enabled"
        " Flow Production Tracking site",
    ),
}


def user_agent() -> List[str]:
    system = {"Darwin": "Mac", "Linux": "Linux", "Windows": "Windows"}.get(platform.system(), "Unknown")
    return ["callsheet-json; Python %s (%s)" % (".".join(platform.python_version_tuple()[:2]), system)]


def tls_pause() -> float:
    """Seconds; `SHOTGUN_API_RETRY_INTERVAL` has milliseconds."""
    given = os.environ.get("SHOTGUN_API_RETRY_INTERVAL", "3000")
    try:
        interval = int(given)
    except ValueError:
        raise ValueError(
            "Invalid value '%s' found in environment variable SHOTGUN_API_RETRY_INTERVAL, must be int." % given
        )
    if interval < 0:
        raise ValueError("Value of SHOTGUN_API_RETRY_INTERVAL must be positive, got '%s'." % interval)
    return interval / 1000.0


def call(url: str, headers: Dict[str, str], body: str, config: "Config") -> Any:
    """The `results` of the reply, or the whole of it when it has none."""
    request = {"url": url, "method": "POST", "headers": headers, "body": body}
    failures = 0
    while True:
        outcome, data = site.send(request, timeout_ms(config.timeout_secs))
        if outcome["kind"] == "broken":
            failures += 1
            if outcome["failure"] == "tls" and failures < config.max_rpc_attempts:
                time.sleep(config.rpc_attempt_interval / 1000.0)
                continue
            raise broken(outcome)
        reply = outcome["reply"]
        if reply["status"] in (502, 504) and failures < len(_GATEWAY_PAUSES):
            time.sleep(_GATEWAY_PAUSES[failures])
            failures += 1
            continue
        return _results(reply, data, config.server)


def timeout_ms(seconds: Any) -> Optional[float]:
    """None: the time that the daemon's configuration gives. Raises ValueError where Python's sockets would."""
    if seconds is None:
        return None
    if not 0 <= seconds < float("inf"):
        raise ValueError("Timeout value out of range")
    return seconds * 1000.0


def broken(outcome: Dict[str, Any]) -> Exception:
    """What Python and the official client's HTTP library raise for it."""
    failure, message = outcome["failure"], outcome["message"]
    if failure in ("refused", "proxy"):
        return ConnectionRefusedError(errno.ECONNREFUSED, message)
    if failure == "unknown-host":
        return ServerNotFoundError("Unable to find the server: %s" % message)
    if failure == "timeout":
        return socket.timeout("timed out: %s" % message)
    if failure == "tls":
        return _tls(message)
    if failure == "closed":
        reset = "ECONNRESET" in message
        return ConnectionResetError(errno.ECONNRESET, message) if reset else http.client.RemoteDisconnected(message)
    if failure == "cut":
        return http.client.IncompleteRead(b"")
    if failure == "malformed" and "unpacked" in message:
        return FailedToDecompressContent(message)
    if failure == "malformed":
        return http.client.BadStatusLine(message)
    return ConnectionError(message)


def _tls(message: str) -> Exception:
    if "certificate" in message.lower():
        return ssl.SSLCertVerificationError(1, message)
    if "disconnected" in message:
        return ssl.SSLEOFError(8, message)
    return ssl.SSLError(1, message)


def _results(reply: Dict[str, Any], data: bytes, server: str) -> Any:
    status = reply["status"]
    if status >= 300:
        reason = _BUSY if status == 503 else reply["statusText"]
        if status == 403:
            reason = "%s: %s" % (reason, data)
        raise errors.ProtocolError(server, status, reason, reply["headers"])
    kind = reply["headers"].get("content-type", "application/json").lower()
    if not data or not kind.startswith(("application/json", "text/javascript")):
        return data
    answer = json.loads(data.decode("utf-8-sig"))
    if not isinstance(answer, dict):
        return answer
    if answer.get("exception"):
        fault, text = _FAULTS.get(answer.get("error_code"), (errors.Fault, "Unknown Error"))
        raise fault(answer.get("message", text))
    return answer.get("results", answer)
