"""The zones of the values that the client takes and gives."""
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Optional


class LocalTimezone(tzinfo):
    """The zone of this machine, with its daylight saving."""

    def utcoffset(self, when: Optional[datetime]) -> Optional[timedelta]:
        return self._local(when).utcoffset()

    def dst(self, when: Optional[datetime]) -> Optional[timedelta]:
        local = self._local(when)
        standard = local.replace(month=1, day=1).replace(tzinfo=None).astimezone().utcoffset()
        summer = local.replace(month=7, day=1).replace(tzinfo=None).astimezone().utcoffset()
        offset = local.utcoffset()
        if offset is None or standard is None or summer is None:
            return timedelta(0)
        return offset - min(standard, summer)

    def tzname(self, when: Optional[datetime]) -> Optional[str]:
        return self._local(when).tzname()

    def fromutc(self, when: datetime) -> datetime:
        return when.replace(tzinfo=timezone.utc).astimezone().replace(tzinfo=self)

    @staticmethod
    def _local(when: Optional[datetime]) -> datetime:
        return (when or datetime.now()).replace(tzinfo=None).astimezone()


class SgTimezone:
    """`utc` and `local`, as zones for datetimes."""

    def __init__(self) -> None:
        self.utc = timezone.utc
        self.local = LocalTimezone()
