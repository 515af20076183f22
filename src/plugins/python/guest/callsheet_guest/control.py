"""
The control block: a small file that daemon and guest both have open, so that either can look or signal while the other is
busy. Eight 64-bit floats; `src/plugins/python/control.ts` is the other side.
"""
import mmap
import time

BYTES = 64
_STOP, _BEFORE, _SEQ, _CALLBACK, _BEGAN, _AFTER = range(6)
_BETWEEN_CALLBACKS = -1.0


class Control:
    def __init__(self, fd: int) -> None:
        self._places = memoryview(mmap.mmap(fd, BYTES)).cast("d")
        self._version = 0.0

    @property
    def stop_requested(self) -> bool:
        return self._places[_STOP] == 1.0

    def enter(self, seq: int, callback: int) -> None:
        """A callback is about to be called."""
        self._write(float(seq), float(callback))

    def leave(self) -> None:
        self._places[_CALLBACK] = _BETWEEN_CALLBACKS

    def _write(self, seq: float, callback: float) -> None:
        places = self._places
        self._version += 1.0
        # whoever finds the two versions different looks again
        places[_BEFORE] = self._version
        places[_SEQ] = seq
        places[_CALLBACK] = callback
        places[_BEGAN] = time.monotonic() * 1000.0
        places[_AFTER] = self._version
