"""The class `Shotgun`: constructor and the methods for records (protocol notes 3)."""
import logging
from typing import Any, Dict, List, Optional, Tuple

from callsheet_guest import site

from .errors import *  # noqa: F401,F403  (plugins look for them here, too)
from .errors import ShotgunError
from .files import FileMethods
from .filters import translate
from .more import MoreMethods
from .session import SG_TIMEZONE, ClientCapabilities, ServerCapabilities  # noqa: F401
from .values import fields as wire_fields
from .values import record, records, slim

__version__ = "3.10.0"

LOG = logging.getLogger("shotgun_api3")

_PICTURES = ("image", "filmstrip_image")


class Shotgun(MoreMethods, FileMethods):
    """A connection to a site. Arguments as the official client takes them; proxy and certificates are the daemon's."""

    def __init__(
        self,
        base_url: str,
        script_name: Optional[str] = None,
        api_key: Optional[str] = None,
        convert_datetimes_to_utc: bool = True,
        http_proxy: Optional[str] = None,
        ensure_ascii: bool = True,
        connect: bool = True,
        ca_certs: Optional[str] = None,
        login: Optional[str] = None,
        password: Optional[str] = None,
        sudo_as_login: Optional[str] = None,
        session_token: Optional[str] = None,
        auth_token: Optional[str] = None,
    ) -> None:
        _check_credentials(script_name, api_key, login, password, session_token, auth_token)
        super().__init__(base_url)
        config = self.config
        config.script_name, config.api_key = script_name, api_key
        config.user_login, config.user_password, config.auth_token = login, password, auth_token
        config.session_token = session_token
        config.sudo_as_login = sudo_as_login
        if http_proxy:
            config.set_proxy(http_proxy)
        site.own_way(http_proxy, ca_certs)
        config.convert_datetimes_to_utc = convert_datetimes_to_utc
        if connect:
            self.server_caps
        if session_token:
            self._require((5, 3, 0), "Session token based authentication")
        if auth_token:
            # a code that works once is of no use for a second call
            config.session_token = self.get_session_token()

    def find(
        self,
        entity_type: str,
        filters: Any,
        fields: Optional[List[str]] = None,
        order: Optional[List[Dict[str, str]]] = None,
        filter_operator: Optional[str] = None,
        limit: int = 0,
        retired_only: bool = False,
        page: int = 0,
        include_archived_projects: bool = True,
        additional_filter_presets: Any = None,
    ) -> List[Dict[str, Any]]:
        if not isinstance(limit, int) or limit < 0:
            raise ValueError("limit parameter must be a positive integer")
        if not isinstance(page, int) or page < 0:
            raise ValueError("page parameter must be a positive integer")
        payload = self._query(entity_type, translate(filters, filter_operator), fields, order, retired_only)
        if not include_archived_projects:
            self.server_caps.require((5, 3, 14), "include_archived_projects parameter")
            payload["include_archived_projects"] = False
        if additional_filter_presets:
            self.server_caps.require((7, 0, 0), "additional_filter_presets parameter")
            payload["additional_filter_presets"] = additional_filter_presets
        return self._pages(payload, limit, page)

    def _query(self, entity_type: str, filters: Any, fields: Any, order: Any, retired_only: bool) -> Dict[str, Any]:
        payload: Dict[str, Any] = {
            "type": entity_type,
            "return_fields": fields or ["id"],
            "filters": filters,
            "return_only": "retired" if retired_only else "active",
        }
        if self.server_caps.version >= (3, 3, 0):
            payload["api_return_image_urls"] = True
        if order:
            payload["sorts"] = [
                {
                    "field_name": item["column"] if "column" in item else item["field_name"],
                    "direction": item.get("direction", "asc"),
                }
                for item in order
            ]
        return payload

    def _pages(self, payload: Dict[str, Any], limit: int, page: int) -> List[Dict[str, Any]]:
        size = self.config.records_per_page
        single = page > 0 or 0 < limit <= size
        without_counts = self.server_caps.version >= (7, 4, 0)
        payload["return_paging_info_without_counts" if without_counts else "return_paging_info"] = not single
        payload["paging"] = {"entities_per_page": limit if 0 < limit <= size else size, "current_page": page or 1}
        found: List[Dict[str, Any]] = []
        while True:
            reply = self._call("read", payload)
            entities = records(reply.get("entities"))
            if single:
                return entities
            found.extend(entities)
            if limit and len(found) >= limit:
                return found[:limit]
            paging = reply["paging_info"]
            more = paging["has_next_page"] if without_counts else len(found) < paging["entity_count"]
            if not more or not entities:
                return found
            payload["paging"]["current_page"] += 1

    def find_one(
        self,
        entity_type: str,
        filters: Any,
        fields: Optional[List[str]] = None,
        order: Optional[List[Dict[str, str]]] = None,
        filter_operator: Optional[str] = None,
        retired_only: bool = False,
        include_archived_projects: bool = True,
        additional_filter_presets: Any = None,
    ) -> Optional[Dict[str, Any]]:
        found = self.find(
            entity_type,
            filters,
            fields,
            order,
            filter_operator,
            1,
            retired_only,
            include_archived_projects=include_archived_projects,
            additional_filter_presets=additional_filter_presets,
        )
        return found[0] if found else None

    def create(self, entity_type: str, data: Dict[str, Any], return_fields: Optional[List[str]] = None) -> Dict[str, Any]:
        """`image` and `filmstrip_image` take paths of pictures, which are uploaded afterwards."""
        written, pictures = _split(data)
        fields = wire_fields({name: value for name, value in written.items() if name not in _PICTURES})
        payload = {"type": entity_type, "fields": fields, "return_fields": return_fields or ["id"]}
        return self._add_pictures(_one(self._call("create", payload)), pictures)

    def update(
        self,
        entity_type: str,
        entity_id: int,
        data: Dict[str, Any],
        multi_entity_update_modes: Optional[Dict[str, str]] = None,
    ) -> Dict[str, Any]:
        written, pictures = _split(data)
        result = {"type": entity_type, "id": entity_id}
        if written:
            fields = wire_fields({name: slim(value) for name, value in written.items()})
            fields = _with_modes(fields, multi_entity_update_modes)
            result = _one(self._call("update", {"type": entity_type, "id": entity_id, "fields": fields}))
        return self._add_pictures(result, pictures)

    def delete(self, entity_type: str, entity_id: int) -> bool:
        return self._call("delete", {"type": entity_type, "id": entity_id})

    def revive(self, entity_type: str, entity_id: int) -> bool:
        return self._call("revive", {"type": entity_type, "id": entity_id})

    def batch(self, requests: List[Dict[str, Any]]) -> List[Any]:
        if not isinstance(requests, list):
            raise ShotgunError("batch() expects a list.  Instead was sent a %s" % type(requests))
        if not requests:
            return []
        results = self._call("batch", [_batch_item(request) for request in requests])
        return records(results)

    def summarize(
        self,
        entity_type: str,
        filters: Any,
        summary_fields: List[Dict[str, str]],
        filter_operator: Optional[str] = None,
        grouping: Optional[List[Dict[str, str]]] = None,
        include_archived_projects: bool = True,
    ) -> Dict[str, Any]:
        if not isinstance(grouping, (list, type(None))):
            raise ValueError("summarize() 'grouping' parameter must be a list or None")
        payload = {"type": entity_type, "summaries": summary_fields, "filters": translate(filters, filter_operator)}
        if not include_archived_projects:
            self.server_caps.require((5, 3, 14), "include_archived_projects parameter")
            payload["include_archived_projects"] = False
        if grouping is not None:
            payload["grouping"] = grouping
        return self._call("summarize", payload)


def _check_credentials(name: Any, key: Any, login: Any, password: Any, session: Any, code: Any) -> None:
    if session is not None and (name is not None or key is not None):
        raise ValueError("cannot provide both session_token and script_name/api_key")
    if session is not None and (login is not None or password is not None):
        raise ValueError("cannot provide both session_token and login/password")
    if login is not None or password is not None:
        if name is not None or key is not None:
            raise ValueError("cannot provide both login/password and script_name/api_key")
        if login is None:
            raise ValueError("password provided without login")
        if password is None:
            raise ValueError("login provided without password")
    if name is not None and key is None:
        raise ValueError("script_name provided without api_key")
    if key is not None and name is None:
        raise ValueError("api_key provided without script_name")
    if code is not None and login is None:
        raise ValueError("must provide a user login and password with an auth_token")
    if session is None and login is None and name is None:
        raise ValueError("must provide login/password, session_token or script_name/api_key")


def _split(data: Dict[str, Any]) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """What is written as it is, and which pictures are to be uploaded."""
    pictures = {name: data[name] for name in _PICTURES if data.get(name) is not None}
    return {name: value for name, value in data.items() if name not in pictures}, pictures


def _with_modes(fields: List[Dict[str, Any]], modes: Optional[Dict[str, str]]) -> List[Dict[str, Any]]:
    for field in fields:
        if modes and field["field_name"] in modes:
            field["multi_entity_update_mode"] = modes[field["field_name"]]
    return fields


_BATCH_KEYS: Dict[str, Tuple[str, ...]] = {
    "create": ("entity_type", "data"),
    "update": ("entity_type", "entity_id", "data"),
    "delete": ("entity_type", "entity_id"),
}


def _batch_item(request: Dict[str, Any]) -> Dict[str, Any]:
    kind = request.get("request_type", "")
    if kind not in _BATCH_KEYS:
        raise ShotgunError("Invalid request_type '%s' for batch" % kind)
    for key in _BATCH_KEYS[kind]:
        if key not in request:
            raise ShotgunError("Batched %s request missing required key: %s. Value was: %s." % (kind, key, request))
    item = {"request_type": kind, "type": request["entity_type"]}
    if kind == "create":
        item["fields"] = wire_fields(request["data"])
        item["return_fields"] = request.get("return_fields") or ["id"]
        return item
    item["id"] = request["entity_id"]
    if kind == "update":
        item["fields"] = _with_modes(wire_fields(request["data"]), request.get("multi_entity_update_modes"))
        if "multi_entity_update_mode" in request:
            item["multi_entity_update_mode"] = request["multi_entity_update_mode"]
    return item


def _one(result: Any) -> Dict[str, Any]:
    return record(result[0] if isinstance(result, list) and len(result) == 1 else result)
