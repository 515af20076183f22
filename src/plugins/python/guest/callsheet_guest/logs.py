"""What a plugin logs, prints or writes to stderr, as lines for the daemon's log."""
import io
import logging
import sys
from typing import Any, Callable, Dict, Optional

#: Takes logger name, level and message.
WriteLine = Callable[[str, str, str], None]

_LONGEST_LINE = 100_000
_LEVELS: Dict[str, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}


def capture(level: str, write: WriteLine) -> None:
    """From now on everything that is logged, by any logger, and everything printed goes to `write`, the latter without a name."""
    root = logging.getLogger()
    root.addHandler(_Forward(write))
    root.setLevel(_LEVELS[level])
    logging.captureWarnings(True)
    sys.stdout = _stream(1, lambda line: write("", "info", line))
    sys.stderr = _stream(2, lambda line: write("", "error", line))


class _Forward(logging.Handler):
    def __init__(self, write: WriteLine) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
        except Exception:
            self.handleError(record)
            return
        self._write(record.name, _level(record.levelno), cut(text, _LONGEST_LINE))


def _level(number: int) -> str:
    for name, least in reversed(list(_LEVELS.items())):
        if number >= least:
            return name
    return "debug"


def cut(text: str, longest: int) -> str:
    more = len(text) - longest
    return text if more <= 0 else "%s... (%d more characters)" % (text[:longest], more)


def _stream(fd: int, on_line: Callable[[str], None]) -> io.TextIOWrapper:
    buffer: Any = io.BufferedWriter(_Lines(fd, on_line))
    return io.TextIOWrapper(buffer, encoding="utf-8", errors="backslashreplace", line_buffering=True)


class _Lines(io.RawIOBase):
    """Cuts what is written into lines."""

    def __init__(self, fd: int, on_line: Callable[[str], None]) -> None:
        super().__init__()
        self._fd = fd
        self._on_line = on_line
        self._begun = b""

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def write(self, data: Any) -> Optional[int]:
        *lines, self._begun = (self._begun + bytes(data)).split(b"\n")
        if len(self._begun) > _LONGEST_LINE:
            # a writer that never ends its line must not fill the memory
            lines.append(self._begun)
            self._begun = b""
        for line in lines:
            self._on_line(line.decode("utf-8", "replace"))
        return len(data)
