"""Uploads, thumbnails and downloads (protocol notes 8)."""
import os
import uuid
from typing import Any, Callable, Dict, List, Optional

from .downloads import Download
from .errors import ShotgunError, ShotgunThumbnailNotReady
from .forms import LocalFile, id_of, is_done, send_form
from .session import Session
from .storage import store, takes

_THUMBNAILS = {
    "thumb_image": False,
    "image": False,
    "filmstrip_thumb_image": True,
    "filmstrip_image": True,
}


class FileMethods(Session):
    #: Larger files go to a storage in parts of so many bytes.
    _MULTIPART_UPLOAD_CHUNK_SIZE = 20000000

    #: Made by other parts of `Shotgun`.
    find_one: Callable[..., Any]
    get_session_token: Callable[[], str]

    def upload(
        self,
        entity_type: str,
        entity_id: int,
        path: str,
        field_name: Optional[str] = None,
        display_name: Optional[str] = None,
        tag_list: Optional[str] = None,
    ) -> Optional[int]:
        """The id of the Attachment or of the thumbnail."""
        file = LocalFile(path)
        filmstrip = _THUMBNAILS.get(field_name or "")
        if filmstrip:
            self._require((3, 1), "Filmstrip thumbnail support")
        target = {"entity_type": entity_type, "entity_id": entity_id}
        if filmstrip is None:
            more = {"field_name": field_name} if field_name else {}
            more["display_name"] = display_name or file.name
            if tag_list is not None:
                more["tag_list"] = tag_list
        else:
            more = {"filmstrip": "True"} if filmstrip else {}
        field = field_name if filmstrip is None else "filmstrip_thumb_image" if filmstrip else "thumb_image"
        if takes(self.server_info, entity_type, field):
            kind = "Attachment" if filmstrip is None else "Thumbnail"
            target["upload_link_info"] = store(self, file, kind, self._MULTIPART_UPLOAD_CHUNK_SIZE)
            answer = send_form(self, "/upload/api_link_file", dict(target, **self._auth(), **more))
            return self._uploaded(answer, file, "/upload/api_link_file")
        path = "/upload/upload_file" if filmstrip is None else "/upload/publish_thumbnail"
        part = ("file" if filmstrip is None else "thumb_image", file)
        answer = send_form(self, path, dict(target, **self._auth(), **more), part)
        return self._uploaded(answer, file, path)

    def upload_thumbnail(self, entity_type: str, entity_id: int, path: str, **kwargs: Any) -> Optional[int]:
        return self.upload(entity_type, entity_id, path, field_name="thumb_image", **kwargs)

    def upload_filmstrip_thumbnail(self, entity_type: str, entity_id: int, path: str, **kwargs: Any) -> Optional[int]:
        self._require((3, 1), "Filmstrip thumbnail support")
        return self.upload(entity_type, entity_id, path, field_name="filmstrip_thumb_image", **kwargs)

    def share_thumbnail(
        self,
        entities: List[Dict[str, Any]],
        thumbnail_path: Optional[str] = None,
        source_entity: Optional[Dict[str, Any]] = None,
        filmstrip_thumbnail: bool = False,
        **kwargs: Any
    ) -> Optional[int]:
        """The id of the thumbnail; None where the source has none and theirs were cleared."""
        self._require((4, 0), "Thumbnail sharing support")
        if not isinstance(entities, list) or not entities:
            raise ShotgunError("'entities' parameter must be a list of entity hashes and may not be empty")
        for entity in entities:
            _check_entity(entity, "'entities' parameter")
        if bool(thumbnail_path) == bool(source_entity):
            raise ShotgunError("You must supply either thumbnail_path OR source_entity.")
        if source_entity:
            _check_entity(source_entity, "'source_entity' parameter")
            return self._share(entities, source_entity, filmstrip_thumbnail)
        first, others = entities[0], entities[1:]
        upload = self.upload_filmstrip_thumbnail if filmstrip_thumbnail else self.upload_thumbnail
        thumbnail = upload(first["type"], first["id"], str(thumbnail_path), **kwargs)
        return self._share(others, first, filmstrip_thumbnail) if others else thumbnail

    def download_attachment(
        self, attachment: Any = False, file_path: Optional[str] = None, attachment_id: Optional[int] = None
    ) -> Any:
        """The bytes; or, with `file_path`, that path, where the file appears when it is complete. None for None."""
        if not attachment and attachment_id:
            attachment = attachment_id
        if attachment is None:
            return None
        download = Download(self, str(self.get_attachment_download_url(attachment)))
        if not file_path:
            return b"".join(download)
        target = os.path.realpath(file_path)
        beside = "%s.%s.part" % (target, uuid.uuid4().hex[:8])
        try:
            with open(beside, "xb") as file:
                for piece in download:
                    file.write(piece)
            os.replace(beside, target)
        except BaseException as error:
            download.close()
            if os.path.exists(beside):
                os.unlink(beside)
            if isinstance(error, OSError) and error.filename:
                raise ShotgunError("Unable to write Attachment to disk using %s. %s" % (file_path, error))
            raise
        return file_path

    def get_attachment_download_url(self, attachment: Any) -> Optional[str]:
        """Where it can be downloaded; None for None. Nothing is sent."""
        if attachment is None:
            return None
        if isinstance(attachment, int) and not isinstance(attachment, bool):
            return "%s/file_serve/attachment/%d" % (self._site, attachment)
        if isinstance(attachment, dict):
            if attachment.get("url"):
                return str(attachment["url"])
            if attachment.get("type") == "Attachment" and "id" in attachment:
                return "%s/file_serve/attachment/%d" % (self._site, attachment["id"])
            raise ValueError("Missing 'url' key in Attachment dict")
        if attachment is False:
            raise TypeError(
                "Missing parameter 'attachment'. Expected a dict, int, NoneType value or"
                "an int for parameter attachment_id"
            )
        raise TypeError("Unable to determine download url. Expected dict, int, or NoneType. Instead got %s" % type(attachment))

    def _share(self, entities: List[Dict[str, Any]], source: Dict[str, Any], filmstrip: bool) -> Optional[int]:
        fields = {
            "entities": ",".join("%s_%s" % (entity["type"], entity["id"]) for entity in entities),
            "source_entity": "%s_%s" % (source["type"], source["id"]),
            "filmstrip_thumbnail": 1 if filmstrip else False,
        }
        answer = send_form(self, "/upload/share_thumbnail", dict(fields, **self._auth()))
        if answer.startswith("1:"):
            return id_of(answer)
        problem = ShotgunThumbnailNotReady if answer.startswith("2") else ShotgunError
        raise problem("Unable to share thumbnail: %s" % answer)

    def _add_pictures(self, record: Dict[str, Any], pictures: Dict[str, str]) -> Dict[str, Any]:
        """Uploads them one after the other, and puts into the record where they can be seen."""
        for field, path in pictures.items():
            self.upload(record["type"], record["id"], path, field_name=field)
            found = self.find_one(record["type"], [["id", "is", record["id"]]], fields=[field])
            record[field] = (found or {}).get(field)
        return record

    def _uploaded(self, answer: str, file: LocalFile, path: str) -> Optional[int]:
        if is_done(answer):
            return id_of(answer)
        raise ShotgunError(
            "Could not upload file successfully, but not sure why.\nPath: %s\nUrl: %s\nError: %s"
            % (file.shown, self._site + path, answer)
        )


def _check_entity(entity: Any, what: str) -> None:
    if not isinstance(entity, dict) or "id" not in entity or "type" not in entity:
        raise ShotgunError("%s: an entity hash must have 'type' and 'id', got %r" % (what, entity))

