"""The exceptions of the official client, by its names."""
import xmlrpc.client


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


class ProtocolError(xmlrpc.client.ProtocolError):
    """An HTTP status of 300 or more."""
