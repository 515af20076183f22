"""Keeps track of the local files that a plugin imports, as they were when they were read."""
import importlib.machinery
import importlib.util
import os
import sys
from typing import Any, Callable

try:
    # the module behind hashlib up to 3.11, and since: without OpenSSL, which is megabytes and milliseconds
    from _sha256 import sha256 as _sha256
except ImportError:
    try:
        from _sha2 import sha256 as _sha256
    except ImportError:
        from hashlib import sha256 as _sha256

#: Takes a path and the SHA-256 of its content in hex, or "absent".
OnModule = Callable[[str, str], None]

_GUEST_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def sha256_of(content: bytes) -> str:
    return _sha256(content).hexdigest()  # type: ignore[no-any-return]


def watch_imports(on_module: OnModule) -> None:
    """Tells of each file outside of Python's and the guest's own folders, before its code runs."""
    loader: Any = importlib.machinery.SourceFileLoader
    get_data = loader.get_data
    foreign = (os.path.dirname(os.__file__) + os.sep, _GUEST_ROOT)

    def telling(self: Any, path: str) -> bytes:
        data: bytes = get_data(self, path)
        source = path
        content = data
        if path.endswith(".pyc"):
            source = importlib.util.source_from_cache(path)
            content = get_data(self, source)
        if not is_foreign(source):
            on_module(os.path.abspath(source), sha256_of(content))
        return data

    def is_foreign(path: str) -> bool:
        return path.startswith(foreign) or "site-packages" in path or "dist-packages" in path

    loader.get_data = telling


def tell_missing(error: ImportError, folder: str, on_module: OnModule) -> None:
    """The file beside the plugin that would have been the missing module: its coming may mend the plugin."""
    if error.name and error.name.isidentifier() and error.name not in sys.modules:
        on_module(os.path.join(folder, error.name + ".py"), "absent")
