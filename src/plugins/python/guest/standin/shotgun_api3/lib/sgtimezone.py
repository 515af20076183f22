"""The zones of the values that the client takes and gives."""
from datetime import datetime, timedelta, tzinfo
from typing import Optional

from callsheet_guest import zone


class UTC(tzinfo):
    def utcoffset(self, when: Optional[datetime]) -> timedelta:
        return timedelta(0)

    def dst(self, when: Optional[datetime]) -> timedelta:
        return timedelta(0)

    def tzname(self, when: Optional[datetime]) -> str:
        return "UTC"


class LocalTimezone(zone.LocalTimezone):
    """The zone of this machine."""


class SgTimezone:
    """`utc` and `local`, as zones for datetimes."""

    UTC = UTC
    LocalTimezone = LocalTimezone

    def __init__(self) -> None:
        self.utc = UTC()
        self.local = LocalTimezone()
