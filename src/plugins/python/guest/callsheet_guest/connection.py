"""A callback's `sg`: the `shotgun_api3.Shotgun` that is installed, or else the stand-in. No request before its first use."""
from typing import Any, Dict, Optional

from .registrar import Registration


class Connection:
    def __init__(self, site: Dict[str, Any], registration: Registration) -> None:
        self._site = site
        self._registration = registration
        self._sg: Optional[Any] = None

    def sg(self) -> Any:
        """Made once, when the callback is first called."""
        if self._sg is None:
            # imported this late, since it is slow and a plugin may never be called
            import shotgun_api3

            self._sg = shotgun_api3.Shotgun(
                self._site["url"],
                script_name=self._registration.script_name,
                api_key=self._registration.script_key,
                http_proxy=self._site["httpProxy"],
                ca_certs=self._site["caCerts"],
                connect=False,
            )
        return self._sg
