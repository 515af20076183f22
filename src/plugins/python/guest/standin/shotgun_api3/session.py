"""Who calls, which site, and what it can do: what the methods of `Shotgun` stand on."""
import json
import platform
import ssl
import sys
import urllib.parse
from typing import Any, Dict, List, Optional, Tuple

from callsheet_guest.times import read_times

from . import wire
from .config import Config
from .errors import ShotgunError
from .lib.sgtimezone import SgTimezone
from .values import outbound

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


class ClientCapabilities:
    """What this machine is."""

    def __init__(self) -> None:
        system = {"Darwin": "mac", "Linux": "linux", "Windows": "windows"}.get(platform.system())
        self.platform: Optional[str] = system
        self.local_path_field: Optional[str] = "local_path_%s" % system if system else None
        self.py_version = "%d.%d" % sys.version_info[:2]
        self.ssl_version = ssl.OPENSSL_VERSION

    def __str__(self) -> str:
        return "ClientCapabilities: platform %s, local_path_field %s, py_verison %s, ssl version %s" % (
            self.platform,
            self.local_path_field,
            self.py_version,
            self.ssl_version,
        )


class Session:
    def __init__(self, base_url: str) -> None:
        self.config = Config()
        self.base_url = base_url.lower()
        self.client_caps = ClientCapabilities()
        self.config.set_server_params(base_url)
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
    def _site(self) -> str:
        """Where files are; the path of the site's address is for calls only."""
        return "%s://%s" % (self.config.scheme, self.config.server)

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

    def _call_rpc(self, method: str, params: Any, include_auth_params: bool = True, first: bool = False) -> Any:
        """A method of the site's that the client does not have; scripts of studios call it by this name."""
        results = self._call(method, params, include_auth_params)
        return results[0] if first and isinstance(results, list) else results

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
        results = wire.call(url, self._headers(), body, config)
        return read_times(results, SG_TIMEZONE.local if to_utc else None)

    def _user_agent(self) -> str:
        return "; ".join(self._user_agents)

    def _headers(self) -> Dict[str, str]:
        headers = {
            "content-type": "application/json; charset=utf-8",
            "connection": "keep-alive",
            "accept-encoding": "gzip, deflate",
            "user-agent": self._user_agent(),
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
            self._require((5, 3, 12), "Option 'sudo_as_login'")
            auth["sudo_as_login"] = config.sudo_as_login
        auth.update(config.extra_auth_params or {})
        return auth

    def _require(self, least: Tuple[int, ...], feature: str, enough: Optional[Tuple[int, ...]] = None) -> None:
        version = self.server_caps.version
        if version < (enough or least):
            shown = ".".join(str(part) for part in least)
            raise ShotgunError("%s requires server version %s or higher, server is %s" % (feature, shown, version))
