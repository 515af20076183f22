"""A text in place of a list of fields matches every field that is a part of it, as it always did; that is rarely meant."""
import logging
from typing import Any, Dict, Optional, Set, Tuple


class Accidents:
    def __init__(self, match_events: Optional[Dict[str, Any]]) -> None:
        self._texts = {
            kind: fields for kind, fields in (match_events or {}).items() if isinstance(fields, str) and "*" not in fields
        }
        self._told: Set[Tuple[str, str]] = set()

    def __bool__(self) -> bool:
        return bool(self._texts)

    def tell(self, event: Dict[str, Any], logger: logging.Logger) -> None:
        """A warning, once for each field that is matched by another's name."""
        kind, field = event["event_type"], event["attribute_name"]
        # the key * hides the others
        text = self._texts.get("*", self._texts.get(kind))
        if text is None or field is None or field == text or (kind, field) in self._told:
            return
        self._told.add((kind, field))
        logger.warning(
            "matchEvents has the text %r for %s, which matches %r too; write [%r] for that field alone", text, kind, field, text
        )
