"""The lines of the plugin's own file around the place where it failed; the other side of `guest/source-lines.ts`."""
import os
from types import TracebackType
from typing import Any, Dict, List, Optional, Tuple

from .modules import sha256_of

_LINES_BEFORE = 3
_LINES_AFTER = 3
_LONGEST_LINE = 200
_LARGEST_FILE = 2_000_000

#: By its path, the file as it was read last: what it was then, its lines, its hash.
_known: Dict[str, Tuple[Tuple[int, int, int], List[str], str]] = {}


def source_of(trace: Optional[TracebackType], own_file: str) -> Optional[Dict[str, Any]]:
    """None when the error did not come through the file, or that cannot be read."""
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == own_file:
            line = trace.tb_lineno
        trace = trace.tb_next
    if line == 0:
        return None
    try:
        lines, sha256 = _read(own_file)
    except (OSError, ValueError):
        return None
    if line > len(lines):
        return None
    first = max(1, line - _LINES_BEFORE)
    shown = [text[:_LONGEST_LINE] for text in lines[first - 1 : line + _LINES_AFTER]]
    return {"path": own_file, "line": line, "first": first, "lines": shown, "sha256": sha256}


def _read(path: str) -> Tuple[List[str], str]:
    now = os.stat(path)
    version = (now.st_mtime_ns, now.st_size, now.st_ino)
    known = _known.get(path)
    if known is not None and known[0] == version:
        return known[1], known[2]
    if now.st_size > _LARGEST_FILE:
        raise ValueError("too large to be worth it")
    with open(path, "rb") as file:
        content = file.read()
    lines = content.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    _known[path] = (version, lines, sha256_of(content))
    return _known[path][1], _known[path][2]
