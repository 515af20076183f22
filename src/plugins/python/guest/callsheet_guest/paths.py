"""`sys.path` as plugins find it: the configured folders, the interpreter's own, the plugin's, and last what Callsheet offers."""
import os
import sys
from typing import List

_GUEST_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
#: `callsheet`, and the stand-in for `shotgun_api3`: whatever has these names elsewhere comes first.
_OFFERED = [os.path.join(_GUEST_ROOT, "api"), os.path.join(_GUEST_ROOT, "standin")]


def prepare_path(configured: List[str]) -> None:
    """The guest's own folder is no business of the plugin's."""
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder or os.curdir) != _GUEST_ROOT]
    # first, as the Python daemon's own folder was: a studio's module may have the name of one that is installed
    sys.path[:0] = configured
    sys.path.extend(_OFFERED)


def add_plugin_folder(folder: str) -> None:
    if folder not in sys.path:
        place = sys.path.index(_OFFERED[0]) if _OFFERED[0] in sys.path else len(sys.path)
        sys.path.insert(place, folder)
