"""How long the calls of a plugin's callbacks take; the other side is `src/call-times.ts`."""
from bisect import bisect_left
from typing import Any, Dict, List

#: Upper limits of the buckets in milliseconds; calls that took longer fall into one more. The same as `CALL_BUCKETS_MS`.
BUCKETS_MS = [
    0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000,
]  # fmt: skip
#: The calls that one report tells of singly: the last ones.
CALLS_A_REPORT = 20


class CallTimes:
    def __init__(self) -> None:
        self._callbacks: Dict[int, Dict[str, Any]] = {}
        self._recent: List[Dict[str, Any]] = []

    def add(self, seq: int, callback: int, ms: float, at: float) -> None:
        """`at`: when it ended, as `time.perf_counter()` has it."""
        times = self._callbacks.get(callback)
        if times is None:
            times = {"index": callback, "ms": 0.0, "counts": [0] * (len(BUCKETS_MS) + 1)}
            self._callbacks[callback] = times
        times["ms"] += ms
        times["counts"][bisect_left(BUCKETS_MS, ms)] += 1
        self._recent.append({"seq": seq, "callback": callback, "ms": ms, "at": at})
        if len(self._recent) > CALLS_A_REPORT:
            del self._recent[0]

    def take(self, clock: float) -> Dict[str, Any]:
        """What was added since the last time. `clock`: seconds since 1970 when `time.perf_counter()` was 0, by the clock of now."""
        for call in self._recent:
            call["at"] = (clock + call["at"]) * 1000.0
        report = {"callbacks": list(self._callbacks.values()), "recent": self._recent}
        self._callbacks = {}
        self._recent = []
        return report
