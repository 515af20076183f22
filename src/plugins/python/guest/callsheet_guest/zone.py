"""The zone of this machine for datetimes, with its daylight saving time."""
from datetime import datetime, timedelta, timezone, tzinfo
from typing import ClassVar, Optional


class LocalTimezone(tzinfo):
    """One object for all, copies too: datetimes of the hour that clocks show twice are equal only within one zone."""

    _only: ClassVar["LocalTimezone"]

    def __new__(cls) -> "LocalTimezone":
        if "_only" not in cls.__dict__:
            cls._only = super().__new__(cls)
        return cls._only

    def utcoffset(self, when: Optional[datetime]) -> Optional[timedelta]:
        return _local(when).utcoffset()

    def dst(self, when: Optional[datetime]) -> timedelta:
        local = _local(when)
        offset = local.utcoffset()
        standard = min(_offset_in(local, month) for month in (1, 7))
        return offset - standard if offset is not None else timedelta(0)

    def tzname(self, when: Optional[datetime]) -> Optional[str]:
        return _local(when).tzname()

    def fromutc(self, when: datetime) -> datetime:
        offset = when.replace(tzinfo=timezone.utc).astimezone().utcoffset() or timedelta(0)
        local = when + offset
        # the second time that a clock shows this hour
        return local if self.utcoffset(local) == offset else local.replace(fold=1)


def _offset_in(local: datetime, month: int) -> timedelta:
    return local.replace(month=month, day=1, tzinfo=None).astimezone().utcoffset() or timedelta(0)


def _local(when: Optional[datetime]) -> datetime:
    return (when or datetime.now()).replace(tzinfo=None).astimezone()
