"""Parts of the official package that the stand-in does not have: who imports one is told so."""
import sys
from typing import Any

_PACKAGE = __name__.rpartition(".")[0]


class _Explainer:
    """Comes last among Python's finders, so it is only asked for what is not there."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if not name.startswith(_PACKAGE + "."):
            return
        raise ImportError(
            "%s is not part of the shotgun_api3 that Callsheet brings along; install the official one for %s"
            % (name, sys.executable),
            name=name,
        )


def explain() -> None:
    sys.meta_path.append(_Explainer())  # type: ignore[arg-type]
