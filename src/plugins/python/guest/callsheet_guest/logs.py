"""What a plugin logs, prints or writes to stderr, as lines for the daemon's log."""
import atexit
import io
import json
import logging
import os
import sys
from typing import Any, Callable, Dict, Optional

#: Takes logger name, level and message.
WriteLine = Callable[[str, str, str], None]

_LONGEST_LINE = 100_000
#: Above all plugins' loggers.
_PLUGINS = "plugin"
#: The longest message of a child, in characters, so that its line goes into the pipe as a whole.
_LONGEST_FROM_CHILD = 5000
#: Begins a line of stderr that is one for the log; the other side is `src/plugins/python/from-child.ts`.
_FROM_CHILD = "\x1ecallsheet "
LEVELS: Dict[str, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}


def capture(level: str, write: WriteLine) -> None:
    """From now on everything that is logged, by any logger, and everything printed goes to `write`, the latter without a name."""
    root = logging.getLogger()
    others = _Forward(write)
    others.addFilter(lambda record: not is_below(record.name, _PLUGINS))
    root.addHandler(others)
    root.setLevel(LEVELS[level])
    # not the root's: logging.config.dictConfig and basicConfig(force=True) take those away
    logging.getLogger(_PLUGINS).addHandler(_Forward(write))
    logging.captureWarnings(True)
    sys.stdout = out = _stream(1, lambda line: write("", "info", line))
    sys.stderr = err = _stream(2, lambda line: write("", "error", line))
    # the first to be registered is the last to be called: what a plugin's own exit handlers print comes before
    atexit.register(_finish, out, err)


def is_below(logger: str, parent: str) -> bool:
    return logger == parent or logger.startswith(parent + ".")


def write_from_child(lane: int, line: Dict[str, Any]) -> None:
    """A line of a child that was forked from this process: the way to the daemon is its parent's, but stderr is its own."""
    line["message"] = cut(line["message"], _LONGEST_FROM_CHILD)
    try:
        os.write(2, (_FROM_CHILD + json.dumps({"lane": lane, "line": line}) + "\n").encode("ascii"))
    except OSError:
        # it closed its stderr
        pass


def _finish(*streams: io.TextIOWrapper) -> None:
    """What was begun is a line too."""
    for stream in streams:
        if not stream.closed:
            stream.flush()
            raw: Any = stream.buffer
            raw.raw.finish()


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
    for name, least in reversed(list(LEVELS.items())):
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

    def finish(self) -> None:
        if self._begun:
            self.write(b"\n")

    def write(self, data: Any) -> Optional[int]:
        *lines, self._begun = (self._begun + bytes(data)).split(b"\n")
        if len(self._begun) > _LONGEST_LINE:
            # a writer that never ends its line must not fill the memory
            lines.append(self._begun)
            self._begun = b""
        for line in lines:
            self._on_line(line.decode("utf-8", "replace"))
        return len(data)
