"""Exceptions by which a callback tells the daemon what to do. `from callsheet import RetryAfter` gives these."""
from typing import Any, Dict, Union

from .durations import LONGEST_MS, milliseconds


class RetryAfter(Exception):
    """Call this callback again for the same event, after so many seconds or a text such as "5m"."""

    def __init__(self, delay: Union[float, str], message: str = "") -> None:
        self.delay_ms = min(milliseconds(delay), LONGEST_MS)
        super().__init__(message or "to be called again in %g s" % (self.delay_ms / 1000))


class SkipEvent(Exception):
    """This callback is done with the event, which is recorded as skipped."""

    def __init__(self, message: str = "skipped") -> None:
        super().__init__(message)


class StopPlugin(Exception):
    """Stop the plugin at this event, whatever `stopOnError` says."""

    def __init__(self, message: str = "the plugin asked to be stopped") -> None:
        super().__init__(message)


def instruction_in(error: BaseException) -> Dict[str, Any]:
    if isinstance(error, RetryAfter):
        return {"kind": "retry", "delayMs": error.delay_ms}
    if isinstance(error, SkipEvent):
        return {"kind": "skip"}
    return {"kind": "stop"} if isinstance(error, StopPlugin) else {"kind": "none"}
