"""The exceptions of the official client's HTTP library that plugins may want to catch."""


class HttpLib2Error(Exception):
    """The base of the others."""


class ServerNotFoundError(HttpLib2Error):
    """No such host."""


class HttpLib2ErrorWithResponse(HttpLib2Error):
    """The base of those that came after a reply."""


class FailedToDecompressContent(HttpLib2ErrorWithResponse):
    """The compression of a reply is broken."""
