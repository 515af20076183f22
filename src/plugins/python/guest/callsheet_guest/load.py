"""Loads the plugin file and lets it register."""
import importlib.util
import logging
import os
import sys
from types import ModuleType
from typing import Any, Callable, Dict, Optional

from .arguments import RegistrationRefused
from .failures import in_words, place_of, report_of
from .modules import OnModule, sha256_of, tell_missing
from .paths import add_plugin_folder
from .python2 import is_python2_syntax, python2_name
from .registrar import Registrar


class LoadFailure(Exception):
    """A plugin that cannot be loaded, in the form that the daemon takes."""

    def __init__(self, code: str, message: str, hint: Optional[str] = None, error: Optional[Dict[str, Any]] = None) -> None:
        super().__init__(message)
        self.failure = {"code": code, "message": message, "hint": hint, "error": error}


def load_plugin(path: str, name: str, logger: logging.Logger, on_module: OnModule) -> Registrar:
    """Raises LoadFailure, whatever the plugin does."""
    source = _read(path)
    on_module(path, sha256_of(source))
    module = _module(path, name)
    sys.argv = [path]
    _guarded(path, "while it was loaded", on_module, lambda: exec(compile(source, path, "exec"), module.__dict__))
    register = getattr(module, "registerCallbacks", None)
    if not callable(register):
        raise LoadFailure(
            "PLUGIN_NO_REGISTER",
            "%s has no function registerCallbacks." % path,
            "Add `def registerCallbacks(reg):`; a helper that other plugins import is fine as it is.",
        )
    registrar = Registrar(logger)
    _guarded(path, "while it registered", on_module, lambda: register(registrar))
    return registrar


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise LoadFailure("PLUGIN_LOAD", "%s cannot be read: %s." % (path, error.strerror)) from None


def _module(path: str, name: str) -> ModuleType:
    """
    In `sys.modules` under a name that nothing else has, and under the plain one unless that belongs to a package that the
    plugin itself may want to import: a plugin named slack.py uses the package slack.
    """
    digest = sha256_of(path.encode("utf-8", "surrogateescape"))[:8]
    # a dot would make it a part of a package
    unique = "callsheet_plugin_%s_%s" % (digest, name.replace(".", "_"))
    plain = _is_free(name, path)
    module = ModuleType(name if plain else unique)
    module.__file__ = path
    spec = importlib.util.spec_from_file_location(module.__name__, path)
    module.__spec__ = spec
    module.__loader__ = spec.loader if spec else None
    sys.modules[unique] = module
    if plain:
        sys.modules[name] = module
    add_plugin_folder(os.path.dirname(path))
    return module


def _is_free(name: str, path: str) -> bool:
    if not name.isidentifier():
        return False
    taken = sys.modules.get(name)
    if taken is not None:
        # by the plugin itself: loaded before in this process, or imported by another one
        return getattr(taken, "__file__", None) == path
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    # its folder may be on the path already
    return spec is None or spec.origin == path


def _guarded(path: str, when: str, on_module: OnModule, work: Callable[[], Any]) -> None:
    try:
        work()
    except RegistrationRefused as error:
        message = "%s: %s" % (place_of(error) or path, error)
        raise LoadFailure("PLUGIN_REGISTRATION", message, error.hint) from None
    except BaseException as error:
        if isinstance(error, SyntaxError) and _is_of_a_file(error):
            raise _syntax(path, error) from None
        if isinstance(error, ImportError):
            tell_missing(error, os.path.dirname(path), on_module)
        report = report_of(error, path)
        place = place_of(error)
        where = " (%s)" % place if place else ""
        message = "%s failed %s: %s%s." % (path, when, in_words(report), where)
        raise LoadFailure("PLUGIN_LOAD", message, _hint(error), report) from None


def _is_of_a_file(error: SyntaxError) -> bool:
    """The plugin's, or that of a module it imports; not of a text that the plugin reads."""
    return error.filename is None or os.path.isfile(error.filename)


def _syntax(path: str, error: SyntaxError) -> LoadFailure:
    place = "%s:%d" % (error.filename or path, error.lineno or 1)
    if is_python2_syntax(error):
        said = "%s: this is Python 2 (%s), and the interpreter is Python %s." % (place, error.msg, sys.version.split()[0])
        return LoadFailure("PLUGIN_SYNTAX", said, "Convert the file to Python 3, for example with futurize or 2to3.")
    return LoadFailure("PLUGIN_SYNTAX", "%s: %s." % (place, error.msg))


def _hint(error: BaseException) -> Optional[str]:
    old = python2_name(error)
    if old:
        return "In Python 3 there is no %s: convert the file, for example with futurize or 2to3." % old
    if isinstance(error, ModuleNotFoundError):
        return "Install %s for the interpreter %s, or name its folder in python.path." % (error.name, sys.executable)
    if isinstance(error, KeyError) and error.args and _is_from_environ(error):
        return "Set the environment variable %s for the daemon, or in the .env file beside its configuration." % error.args[0]
    return None


def _is_from_environ(error: BaseException) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_filename in (os.__file__, "<frozen os>")
