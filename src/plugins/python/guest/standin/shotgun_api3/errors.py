"""The exceptions of the official client, by its names."""
from xmlrpc.client import Error, ProtocolError, ResponseError  # noqa: F401  (the client has always offered them)


class ShotgunError(Exception):
    """The base of what the client raises."""


class ShotgunFileDownloadError(ShotgunError):
    """A file cannot be downloaded."""


class ShotgunThumbnailNotReady(ShotgunError):
    """A thumbnail is still being made."""


class Fault(ShotgunError):
    """The site refused."""


class AuthenticationFault(Fault):
    """Unknown script or user, or a wrong key or password."""


class MissingTwoFactorAuthenticationFault(Fault):
    """The second factor is missing."""


class UserCredentialsNotAllowedForSSOAuthenticationFault(Fault):
    """A site with single sign-on takes no password."""


class UserCredentialsNotAllowedForOxygenAuthenticationFault(Fault):
    """A site with Autodesk Identity takes no password."""


for _each in [each for each in globals().values() if isinstance(each, type) and issubclass(each, ShotgunError)]:
    # where the official client has them: in tracebacks, in logs, and in what is pickled
    _each.__module__ = "%s.shotgun" % __package__
