"""Dying at a point, in a python process. `hit.ts` is the other half."""
import json
import os
import signal
from typing import Any, Dict, Optional, Tuple

_FOLDER = os.environ.get("POINTS")
_armed: Tuple[float, Optional[Dict[str, Any]]] = (0.0, None)


def hit(point: str) -> None:
    if _FOLDER is None:
        return
    armed = _armed_now()
    if armed is None or armed["point"] != point:
        return
    armed["count"] -= 1
    if armed["count"] > 0:
        return
    try:
        os.rename(os.path.join(_FOLDER, "armed"), os.path.join(_FOLDER, "met"))
    except OSError:
        # another one was quicker
        return
    os.kill(os.getpid() if armed["victim"] == "host" else os.getppid(), signal.SIGKILL)


def _armed_now() -> Optional[Dict[str, Any]]:
    """A process may live through several."""
    global _armed
    path = os.path.join(str(_FOLDER), "armed")
    try:
        changed = os.stat(path).st_mtime
        if changed != _armed[0]:
            with open(path) as file:
                _armed = (changed, json.load(file))
    except OSError:
        return None
    return _armed[1]
