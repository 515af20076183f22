"""What a plugin may import: `from callsheet import RetryAfter, SkipEvent, StopPlugin, replay`."""
from callsheet_guest.instructions import RetryAfter, SkipEvent, StopPlugin
from callsheet_guest.registrar import Registrar
from callsheet_guest.replay import replay

__all__ = ["Registrar", "RetryAfter", "SkipEvent", "StopPlugin", "replay"]
