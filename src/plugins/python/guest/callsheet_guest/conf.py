"""`logger.config` of a callback's logger: what stands in `shotgunEventDaemon.conf`, to be read."""
import os
import re
from typing import Any, Dict, Optional

_NAMED = re.compile(r"%\((\w+)\)s|%%")


class Conf:
    """The readable side of Python's ConfigParser; without a conf it has what Callsheet knows of the same."""

    def __init__(self, settings: Dict[str, Any], plugin_path: str) -> None:
        self._file: Optional[str] = settings.get("confFile")
        self._known = {
            "shotgun": {"server": settings["site"]["url"]},
            "plugins": {"paths": os.path.dirname(plugin_path)},
        }
        self._parser: Any = None

    def __getattr__(self, name: str) -> Any:
        if name not in ("get", "getint", "getfloat", "getboolean", "has_option", "has_section", "items", "options", "sections"):
            raise AttributeError("logger.config has no %s: it is for reading alone" % name)
        return getattr(self._read(), name)

    def _read(self) -> Any:
        if self._parser is None:
            # this late, since hardly a plugin looks
            import configparser

            class Named(configparser.Interpolation):
                """`%(NAME)s` is the option or the variable of that name; any other % stands for itself."""

                def before_get(self, parser: Any, section: str, option: str, value: str, defaults: Any) -> str:
                    def named(found: Any) -> str:
                        name = found.group(1)
                        if name is None:
                            return "%"
                        return str(defaults.get(parser.optionxform(name), os.environ.get(name, found.group(0))))

                    return _NAMED.sub(named, value)

            parser = configparser.ConfigParser(interpolation=Named(), strict=False)
            parser.read_dict(self._known)
            if self._file is not None:
                parser.read(self._file, encoding="utf-8")
            self._parser = parser
        return self._parser
