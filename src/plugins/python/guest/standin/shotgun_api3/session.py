"""Who calls, which site, and what it can do: what the methods of `Shotgun` stand on."""
import base64
import json
import urllib.parse
from typing import Any, Dict, List, Optional, Tuple

from . import wire
from .errors import ShotgunError
from .lib.sgtimezone import SgTimezone
from .values import inbound, outbound

SG_TIMEZONE = SgTimezone()

_NO_VERSION = "The Flow Production Tracking Server didn't respond with a version number."


class ServerCapabilities:
    """What a site says about itself."""

    def __init__(self, host: str, meta: Any) -> None:
        version = meta.get("version") if isinstance(meta, dict) else None
        if not version:
            raise ShotgunError(_NO_VERSION)
        self.host = host
        self.server_info: Dict[str, Any] = meta
        self.is_dev = len(version) > 3 and version[3] == "Dev"
        self.version: Tuple[int, ...] = tuple(version[:3])
        if self.version < (2, 4, 0):
            raise ShotgunError("JSON API requires server version 2.4.0 or higher, server is %s" % _dotted(self.version))

    def require(self, least: Tuple[int, ...], feature: str) -> None:
        if self.version < least:
            raise ShotgunError(
                "%s requires server version %s or higher, server is %s" % (feature, _dotted(least), _dotted(self.version))
            )

    def __str__(self) -> str:
        return "ServerCapabilities: host %s, version %s, is_dev %s" % (self.host, self.version, self.is_dev)


def _dotted(version: Tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


class Config:
    """Settings that a plugin may change on `sg.config`."""

    def __init__(self) -> None:
        self.script_name: Optional[str] = None
        self.api_key: Optional[str] = None
        self.user_login: Optional[str] = None
        self.user_password: Optional[str] = None
        self.auth_token: Optional[str] = None
        self.session_token: Optional[str] = None
        self.sudo_as_login: Optional[str] = None
        self.session_uuid: Optional[str] = None
        self.extra_auth_params: Optional[Dict[str, Any]] = None
        self.convert_datetimes_to_utc = True
        self.localized = False
        self.timeout_secs: Optional[float] = None
        self.rpc_attempt_interval = wire.tls_pause() * 1000.0
        self.records_per_page = 500
        self.scheme = ""
        self.server = ""
        self.api_path = ""
        self.authorization: Optional[str] = None


class Session:
    def __init__(self, base_url: str) -> None:
        self.config = Config()
        self.base_url = base_url.lower()
        self._read_url(base_url)
        self._user_agents = wire.user_agent()
        self._server_caps: Optional[ServerCapabilities] = None

    @property
    def server_caps(self) -> ServerCapabilities:
        """Asks the site when it is first looked at."""
        if self._server_caps is None:
            self._server_caps = ServerCapabilities(self.config.server, self.info())
            size = self._server_caps.server_info.get("api_max_entities_per_page")
            if size:
                self.config.records_per_page = size
        return self._server_caps

    @property
    def server_info(self) -> Dict[str, Any]:
        return self.server_caps.server_info

    def info(self) -> Any:
        return self._call("info", None, with_auth=False)

    def connect(self) -> None:
        self.info()

    def close(self) -> None:
        """The connections are the daemon's, and stay."""

    def set_session_uuid(self, session_uuid: Optional[str]) -> None:
        self.config.session_uuid = session_uuid

    def add_user_agent(self, agent: str) -> None:
        self._user_agents.append(agent)

    def reset_user_agent(self) -> None:
        self._user_agents = wire.user_agent()

    def _call(self, method: str, payload: Any, with_auth: bool = True) -> Any:
        to_utc = self.config.convert_datetimes_to_utc
        params: List[Any] = []
        if with_auth:
            params.append(self._auth())
            if payload is not None:
                params.append(outbound(payload, to_utc))
        body = json.dumps({"method_name": method, "params": params}, ensure_ascii=False)
        config = self.config
        url = urllib.parse.urlunparse((config.scheme, config.server, config.api_path, None, None, None))
        pause = config.rpc_attempt_interval / 1000.0
        results = wire.call(url, config.server, self._headers(), body, pause, config.timeout_secs)
        return inbound(results, SG_TIMEZONE.local, to_utc)

    def _headers(self) -> Dict[str, str]:
        headers = {
            "content-type": "application/json; charset=utf-8",
            "connection": "keep-alive",
            "accept-encoding": "gzip, deflate",
            "user-agent": "; ".join(self._user_agents),
        }
        if self.config.authorization:
            headers["authorization"] = self.config.authorization
        if self.config.localized:
            headers["locale"] = "auto"
        return headers

    def _auth(self) -> Dict[str, Any]:
        config = self.config
        auth: Dict[str, Any]
        if config.session_token:
            auth = {"session_token": config.session_token}
            if self.server_caps.version > (5, 4, 3):
                auth["reject_if_expired"] = True
        elif config.user_login and config.user_password:
            auth = {"user_login": config.user_login, "user_password": config.user_password}
            if config.auth_token:
                auth["auth_token"] = config.auth_token
        elif config.script_name and config.api_key:
            auth = {"script_name": config.script_name, "script_key": config.api_key}
        else:
            raise ValueError("invalid auth params")
        if config.session_uuid:
            auth["session_uuid"] = config.session_uuid
        if config.sudo_as_login:
            self.server_caps.require((5, 3, 12), "Option 'sudo_as_login'")
            auth["sudo_as_login"] = config.sudo_as_login
        auth.update(config.extra_auth_params or {})
        return auth

    def _read_url(self, base_url: str) -> None:
        parts = urllib.parse.urlparse(base_url)
        config = self.config
        if parts.scheme.lower() not in ("http", "https"):
            raise ValueError("base_url must use http or https got '%s'" % base_url.lower())
        user, _, host = parts.netloc.rpartition("@")
        if user:
            plain = urllib.parse.unquote(user).encode("utf-8")
            config.authorization = "Basic " + base64.b64encode(plain).decode("ascii")
        config.scheme = parts.scheme.lower()
        config.server = host.lower()
        config.api_path = urllib.parse.urljoin(parts.path.lower() or "/", "api3/json")
