"""The settings of a connection, as plugins read and change them on `sg.config`."""
import base64
import urllib.parse
from typing import Any, Dict, Optional

from .wire import tls_pause


class Config:
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
        #: Seconds for one request; None: what the daemon's configuration says.
        self.timeout_secs: Optional[float] = None
        self.max_rpc_attempts = 3
        #: Milliseconds between attempts at a secure connection.
        self.rpc_attempt_interval = tls_pause() * 1000.0
        self.records_per_page = 500
        self.api_ver = "api3"
        self.scheme = ""
        self.server = ""
        self.api_path = ""
        self.authorization: Optional[str] = None
        # The daemon's connections have the proxy and the certificates of its configuration; these are here to be read.
        self.no_ssl_validation = False
        self.raw_http_proxy: Optional[str] = None
        self.proxy_server: Optional[str] = None
        self.proxy_port = 8080
        self.proxy_user: Optional[str] = None
        self.proxy_pass: Optional[str] = None
        self.proxy_handler: Any = None

    def set_server_params(self, base_url: str) -> None:
        """Raises ValueError for an address that is not http or https."""
        parts = urllib.parse.urlparse(base_url)
        if parts.scheme.lower() not in ("http", "https"):
            raise ValueError("base_url must use http or https got '%s'" % base_url.lower())
        user, _, host = parts.netloc.rpartition("@")
        if user:
            plain = urllib.parse.unquote(user).encode("utf-8")
            self.authorization = "Basic " + base64.b64encode(plain).decode("ascii")
        self.scheme = parts.scheme.lower()
        self.server = host.lower()
        self.api_path = urllib.parse.urljoin(parts.path.lower() or "/", "%s/json" % self.api_ver)

    def set_proxy(self, http_proxy: str) -> None:
        """`[user:password@]host[:port]`. Raises ValueError for anything else."""
        self.raw_http_proxy = http_proxy
        credentials, _, place = http_proxy.rpartition("@")
        if credentials:
            self.proxy_user, _, self.proxy_pass = credentials.partition(":")
        self.proxy_server, has_port, port = place.partition(":")
        if has_port:
            if not port.isdigit():
                raise ValueError(
                    "Invalid http_proxy address '%s'. Valid format is '123.456.789.012' or '123.456.789.012:3456'."
                    " If no port is specified, a default of %d will be used." % (http_proxy, self.proxy_port)
                )
            self.proxy_port = int(port)
