"""
Callsheet's stand-in for the official Python client: found only where that one is not installed. The same class, methods,
arguments, exceptions and value types; requests and files travel on the daemon's connections.
"""
from . import absent
from .errors import (  # noqa: F401
    AuthenticationFault,
    Error,
    Fault,
    MissingTwoFactorAuthenticationFault,
    ProtocolError,
    ResponseError,
    ShotgunError,
    ShotgunFileDownloadError,
    ShotgunThumbnailNotReady,
    UserCredentialsNotAllowedForOxygenAuthenticationFault,
    UserCredentialsNotAllowedForSSOAuthenticationFault,
)
from .shotgun import SG_TIMEZONE as sg_timezone  # noqa: F401
from .shotgun import Shotgun, __version__  # noqa: F401

absent.explain()
