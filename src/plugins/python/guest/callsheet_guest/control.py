"""
The control block: a small file that daemon and guest both have open, so that the daemon can see what is in hand while the
guest is busy. Eight 64-bit floats; `src/plugins/python/control.ts` is the other side.
"""
import mmap
import os
import time

BYTES = 64
_BEFORE, _LANE, _SEQ, _CALLBACK, _BEGAN, _AFTER = range(6)
_BETWEEN_CALLBACKS = -1.0


class Control:
    def __init__(self, fd: int) -> None:
        self._places = memoryview(mmap.mmap(fd, BYTES)).cast("d")
        os.close(fd)
        self._version = 0.0

    def enter(self, lane: int, seq: int, callback: int) -> None:
        """A callback is about to be called."""
        places = self._places
        self._version += 1.0
        # whoever finds the two versions different looks again
        places[_BEFORE] = self._version
        places[_LANE] = lane
        places[_SEQ] = seq
        places[_CALLBACK] = callback
        places[_BEGAN] = time.monotonic() * 1000.0
        places[_AFTER] = self._version

    def leave(self) -> None:
        self._places[_CALLBACK] = _BETWEEN_CALLBACKS
