"""The methods of `Shotgun` that are not about plain records (protocol notes 3)."""
from typing import Any, Callable, Dict, List, Optional

from .errors import ShotgunError
from .filters import translate
from .session import Session
from .values import records

class MoreMethods(Session):
    #: Made by `Shotgun`, which has the methods for records.
    find_one: Callable[..., Any]

    def schema(self, entity_type: str) -> Any:
        raise ShotgunError("Deprecated: use schema_field_read('%s') instead" % entity_type)

    def entity_types(self) -> Any:
        raise ShotgunError("Deprecated: use schema_entity_read() instead")

    def schema_read(self, project_entity: Any = None) -> Any:
        return self._call("schema_read", self._in_project({}, project_entity) or None)

    def schema_entity_read(self, project_entity: Any = None) -> Any:
        return self._call("schema_entity_read", self._in_project({}, project_entity) or None)

    def schema_field_read(self, entity_type: str, field_name: Optional[str] = None, project_entity: Any = None) -> Any:
        payload = {"type": entity_type}
        if field_name:
            payload["field_name"] = field_name
        return self._call("schema_field_read", self._in_project(payload, project_entity))

    def schema_field_create(
        self, entity_type: str, data_type: str, display_name: str, properties: Optional[Dict[str, Any]] = None
    ) -> str:
        listed = _properties(dict({"name": display_name}, **(properties or {})))
        return self._call("schema_field_create", {"type": entity_type, "data_type": data_type, "properties": listed})

    def schema_field_update(
        self, entity_type: str, field_name: str, properties: Optional[Dict[str, Any]], project_entity: Any = None
    ) -> bool:
        payload = {"type": entity_type, "field_name": field_name, "properties": _properties(properties or {})}
        return self._call("schema_field_update", self._in_project(payload, project_entity))

    def schema_field_delete(self, entity_type: str, field_name: str) -> bool:
        return self._call("schema_field_delete", {"type": entity_type, "field_name": field_name})

    def follow(self, user: Dict[str, Any], entity: Dict[str, Any]) -> Dict[str, Any]:
        self._require((5, 2), "Follow support", (5, 1, 22))
        return self._call("follow", {"user": user, "entity": entity})

    def unfollow(self, user: Dict[str, Any], entity: Dict[str, Any]) -> Dict[str, Any]:
        self._require((5, 2), "Follow support", (5, 1, 22))
        return self._call("unfollow", {"user": user, "entity": entity})

    def followers(self, entity: Dict[str, Any]) -> List[Dict[str, Any]]:
        self._require((5, 2), "Follow support", (5, 1, 22))
        return self._call("followers", {"entity": entity})

    def following(
        self, user: Dict[str, Any], project: Any = None, entity_type: Optional[str] = None
    ) -> List[Dict[str, Any]]:
        self.server_caps.require((7, 0, 12), "user_following parameter")
        payload: Dict[str, Any] = {"user": user}
        if project:
            payload["project"] = project
        if entity_type:
            payload["entity_type"] = entity_type
        return self._call("following", payload)

    def work_schedule_read(self, start_date: str, end_date: str, project: Any = None, user: Any = None) -> Any:
        self._require((3, 2), "Work schedule support")
        if not isinstance(start_date, str) or not isinstance(end_date, str):
            raise ShotgunError("The start_date and end_date arguments must be strings in YYYY-MM-DD format")
        payload = {"start_date": start_date, "end_date": end_date, "project": project, "user": user}
        return self._call("work_schedule_read", payload)

    def work_schedule_update(
        self,
        date: str,
        working: bool,
        description: Optional[str] = None,
        project: Any = None,
        user: Any = None,
        recalculate_field: Optional[str] = None,
    ) -> Any:
        self._require((3, 2), "Work schedule support")
        if not isinstance(date, str):
            raise ShotgunError("The date argument must be string in YYYY-MM-DD format")
        payload = {
            "date": date,
            "working": working,
            "description": description,
            "project": project,
            "user": user,
            "recalculate_field": recalculate_field,
        }
        return self._call("work_schedule_update", payload)

    def note_thread_read(self, note_id: int, entity_fields: Optional[Dict[str, List[str]]] = None) -> List[Any]:
        self._require((6, 2, 0), "note_thread")
        payload = {"note_id": note_id, "entity_fields": _dict(entity_fields, "entity_fields")}
        return records(self._call("note_thread_contents", payload))

    def text_search(
        self, text: str, entity_types: Dict[str, Any], project_ids: Optional[List[int]] = None, limit: Optional[int] = None
    ) -> Dict[str, Any]:
        self._require((6, 2, 0), "auto_complete")
        if not isinstance(entity_types, dict):
            raise ValueError("entity_types parameter must be a dictionary")
        wanted = {}
        for name, filters in entity_types.items():
            if not isinstance(filters, (list, tuple)):
                raise ValueError("value of entity_types['%s'] must be a list or tuple." % name)
            wanted[name] = translate(filters, None)
        payload = {"text": text, "entity_types": wanted, "project_ids": project_ids or [], "max_results": limit}
        found = self._call("query_display_name_cache", payload)
        records(found.get("matches") or [])
        return found

    def activity_stream_read(
        self,
        entity_type: str,
        entity_id: int,
        entity_fields: Optional[Dict[str, List[str]]] = None,
        min_id: Optional[int] = None,
        max_id: Optional[int] = None,
        limit: Optional[int] = None,
    ) -> Dict[str, Any]:
        self._require((6, 2, 0), "activity_stream")
        payload = {
            "type": entity_type,
            "id": entity_id,
            "max_id": max_id,
            "min_id": min_id,
            "limit": limit,
            "entity_fields": _dict(entity_fields, "entity_fields"),
        }
        stream = self._call("activity_stream", payload)
        records(stream.get("updates") or [])
        return stream

    def nav_expand(self, path: str, seed_entity_field: Any = None, entity_fields: Any = None) -> Any:
        payload = {"path": path, "seed_entity_field": seed_entity_field, "entity_fields": entity_fields}
        return self._call("nav_expand", payload)

    def nav_search_string(self, root_path: str, search_string: str, seed_entity_field: Any = None) -> Any:
        return self._nav_search(root_path, seed_entity_field, {"search_string": search_string})

    def nav_search_entity(self, root_path: str, entity: Dict[str, Any], seed_entity_field: Any = None) -> Any:
        return self._nav_search(root_path, seed_entity_field, {"entity": entity})

    def _nav_search(self, root_path: str, seed: Any, criteria: Dict[str, Any]) -> Any:
        payload = {"root_path": root_path, "seed_entity_field": seed, "search_criteria": criteria}
        return self._call("nav_search", payload)

    def export_page(self, page_id: int, format: str, layout_name: Optional[str] = None) -> Any:
        return self._call("export_page", {"format": format, "page_id": page_id, "layout_name": layout_name})

    def preferences_read(self, prefs: Optional[List[str]] = None) -> Dict[str, Any]:
        self._require((7, 10, 0), "preferences_read")
        return self._call("preferences_read", {"prefs": prefs or []})

    def user_subscriptions_read(self) -> Any:
        return self._call("user_subscriptions_read", None)

    def user_subscriptions_create(self, users: List[Dict[str, Any]]) -> bool:
        reply = self._call("user_subscriptions_create", {"users": users})
        return isinstance(reply, dict) and reply.get("status") == "success"

    def get_session_token(self) -> str:
        if self.config.session_token:
            return self.config.session_token
        reply = self._call("get_session_token", None)
        token = (reply or {}).get("session_id")
        if not token:
            raise RuntimeError("Could not extract session_id from %s", reply)
        self.config.session_token = token
        return token

    def authenticate_human_user(self, user_login: str, user_password: str, auth_token: Optional[str] = None) -> Any:
        if not user_login:
            raise ValueError("Please supply a username to authenticate.")
        if not user_password:
            raise ValueError("Please supply a password for the user.")
        config = self.config
        names = ("script_name", "api_key", "user_login", "user_password", "auth_token", "session_token")
        before = {name: getattr(config, name) for name in names}
        try:
            for name in names:
                setattr(config, name, None)
            config.user_login, config.user_password, config.auth_token = user_login, user_password, auth_token
            filters = [["sg_status_list", "is", "act"], ["login", "is", user_login]]
            return self.find_one("HumanUser", filters, ["id", "login"])
        finally:
            for name, value in before.items():
                setattr(config, name, value)

    def update_project_last_accessed(self, project: Dict[str, Any], user: Optional[Dict[str, Any]] = None) -> None:
        self._require((5, 3, 20), "update_project_last_accessed")
        login = self.config.user_login or self.config.sudo_as_login
        payload = {"project_id": project["id"]}
        if user is None and login:
            user = self.find_one("HumanUser", [["login", "is", login]])
        if user:
            payload["user_id"] = user["id"]
        records([self._call("update_project_last_accessed_by_current_user", payload)[0]])

    def _in_project(self, payload: Dict[str, Any], project: Any) -> Dict[str, Any]:
        if project:
            self.server_caps.require((5, 4, 4), "project parameter")
            payload["project"] = project
        return payload


def _properties(properties: Dict[str, Any]) -> List[Dict[str, Any]]:
    return [{"property_name": name, "value": value} for name, value in properties.items()]


def _dict(value: Any, name: str) -> Dict[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise ValueError("%s parameter must be a dictionary" % name)
    return value or {}
