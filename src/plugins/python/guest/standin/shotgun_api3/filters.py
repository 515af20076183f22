"""Filters as people write them, as the site takes them (protocol notes 4.2)."""
from typing import Any, Dict, List

from .errors import ShotgunError
from .values import slim

_OPERATORS = {"all": "and", "and": "and", "any": "or", "or": "or"}
_ENTITY_RELATIONS = ("is", "is_not", "in", "not_in")


def translate(filters: Any, operator: Any) -> Any:
    """A dict is sent as it is: the site's own form."""
    if isinstance(filters, (list, tuple)):
        return _group({"filter_operator": operator or "all", "filters": filters})
    if operator is not None:
        raise ShotgunError(
            "Deprecated: Use of filter_operator for find() is not valid any more."
            " See the documentation on find()"
        )
    return filters


def _group(group: Dict[str, Any]) -> Dict[str, Any]:
    if "filter_operator" not in group and "filters" not in group:
        return group
    operator = group.get("filter_operator")
    if operator not in _OPERATORS:
        raise ShotgunError("Invalid filter_operator %s" % operator)
    filters = group.get("filters")
    if not isinstance(filters, (list, tuple)):
        raise ShotgunError("Invalid filters, expected a list or a tuple, got %s" % (filters,))
    return {"logical_operator": _OPERATORS[operator], "conditions": [_condition(each) for each in filters]}


def _condition(item: Any) -> Dict[str, Any]:
    if isinstance(item, dict):
        return _group(item)
    if not isinstance(item, (list, tuple)):
        raise ShotgunError("Invalid filters, expected a list, tuple or dict, got %s" % (item,))
    values: List[Any] = list(item[2:])
    if len(values) == 1 and isinstance(values[0], (list, tuple)):
        values = list(values[0])
    if item[1] in _ENTITY_RELATIONS and item[0] != "id" and isinstance(values[0], dict):
        values = slim(values)
    return {"path": item[0], "relation": item[1], "values": values}
