"""One call of the site: request, reply, attempts (protocol notes 1, 11)."""
import http.client
import json
import os
import platform
import socket
import ssl
import time
from typing import Any, Dict, List, Tuple

from callsheet_guest import site

from . import errors

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


def call(url: str, server: str, headers: Dict[str, str], body: str, pause_s: float, timeout_s: Any) -> Any:
    """The `results` of the reply, or the whole of it when it has none."""
    request = {"url": url, "method": "POST", "headers": headers, "body": body}
    timeout_ms = None if timeout_s is None else timeout_s * 1000.0
    failures = 0
    while True:
        outcome, data = site.send(request, timeout_ms)
        if outcome["kind"] == "broken":
            failures += 1
            if outcome["failure"] == "tls" and failures < 3:
                time.sleep(pause_s)
                continue
            raise _broken(outcome["failure"], outcome["message"])
        reply = outcome["reply"]
        if reply["status"] in (502, 504) and failures < len(_GATEWAY_PAUSES):
            time.sleep(_GATEWAY_PAUSES[failures])
            failures += 1
            continue
        return _results(reply, data, server)


def _broken(failure: str, message: str) -> Exception:
    if failure == "refused":
        return ConnectionRefusedError(message)
    if failure == "unknown-host":
        return socket.gaierror(socket.EAI_NONAME, message)
    if failure == "timeout":
        return socket.timeout(message)
    if failure == "tls":
        return ssl.SSLError(message)
    if failure == "closed":
        return http.client.RemoteDisconnected(message)
    return ConnectionError(message)


def _results(reply: Dict[str, Any], data: bytes, server: str) -> Any:
    status = reply["status"]
    if status >= 300:
        reason = _BUSY if status == 503 else reply["statusText"]
        if status == 403:
            reason = "%s: %s" % (reason, data)
        raise errors.ProtocolError(server, status, reason, reply["headers"])
    kind = reply["headers"].get("content-type", "application/json").lower()
    if not kind.startswith(("application/json", "text/javascript")):
        return data
    answer = json.loads(data.decode("utf-8-sig"))
    if not isinstance(answer, dict):
        return answer
    if answer.get("exception"):
        fault, text = _FAULTS.get(answer.get("error_code"), (errors.Fault, "Unknown Error"))
        raise fault(answer.get("message", text))
    return answer.get("results", answer)
