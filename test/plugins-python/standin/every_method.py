"""A plugin that calls every method of the stand-in on a real site, and says which ones it did not call."""
import os
import sys
import tempfile
import threading

sys.path[:] = [each for each in sys.path if "site-packages" not in each and "dist-packages" not in each]

import shotgun_api3  # noqa: E402

PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx"
    b"\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


class Watched(shotgun_api3.Shotgun):
    """Remembers which methods a plugin asked for."""

    def __getattribute__(self, name):
        object.__getattribute__(self, "__dict__").setdefault("asked", set()).add(name)
        return object.__getattribute__(self, name)


def raises(kind, work, *args, **kwargs):
    try:
        work(*args, **kwargs)
    except kind as error:
        return str(error)
    raise AssertionError("%s did not raise" % work)


def records(sg, at):
    project = at["project"] = sg.create("Project", {"name": "Lighthouse", "sg_status": "Active"}, return_fields=["name"])
    assert project["name"] == "Lighthouse" and project["type"] == "Project"
    shot = at["shot"] = sg.create("Shot", {"project": project, "code": "sh010", "sg_cut_in": 1001})
    made = sg.batch(
        [
            {"request_type": "create", "entity_type": "Shot", "data": {"project": project, "code": "sh020"}},
            {"request_type": "update", "entity_type": "Shot", "entity_id": shot["id"], "data": {"sg_cut_out": 1048}},
        ]
    )
    assert made[1]["sg_cut_out"] == 1048
    assert sg.update("Shot", shot["id"], {"description": "a < b"})["description"] == "a < b"
    assert sg.delete("Shot", made[0]["id"]) is True and sg.delete("Shot", made[0]["id"]) is False
    assert sg.find("Shot", [["project", "is", project]], retired_only=True)[0]["id"] == made[0]["id"]
    assert sg.revive("Shot", made[0]["id"]) is True
    found = sg.find("Shot", [["project", "is", project]], ["code", "created_at"], [{"field_name": "code", "direction": "desc"}])
    assert [each["code"] for each in found] == ["sh020", "sh010"]
    assert found[0]["created_at"].tzinfo is shotgun_api3.sg_timezone.local
    assert sg.find_one("Shot", [["code", "is", "nothing"]]) is None
    summary = sg.summarize("Shot", [["project", "is", project]], [{"field": "id", "type": "count"}])
    assert summary["summaries"]["id"] == 2
    assert "API read() Shot.nope" in raises(shotgun_api3.Fault, sg.find, "Shot", [["nope", "is", 1]])


def schema(sg, at):
    assert "Shot" in sg.schema_entity_read() and "code" in sg.schema_read(at["project"])["Shot"]
    name = sg.schema_field_create("Shot", "text", "Weather", {"description": "rain or shine"})
    assert name == "sg_weather"
    assert sg.schema_field_read("Shot", name)[name]["description"]["value"] == "rain or shine"
    assert sg.schema_field_update("Shot", name, {"name": "Sky"}) is True
    assert sg.schema_field_delete("Shot", name) is True
    raises(shotgun_api3.ShotgunError, sg.schema, "Shot")
    raises(shotgun_api3.ShotgunError, sg.entity_types)


def people(sg, at, login, password):
    person = at["person"] = sg.authenticate_human_user(login, password)
    assert person["login"] == login
    raises(shotgun_api3.AuthenticationFault, sg.authenticate_human_user, login, "wrong")
    assert len(sg.get_session_token()) > 10
    assert sg.follow(person, at["shot"])["followed"] is True
    assert [each["id"] for each in sg.followers(at["shot"])] == [person["id"]]
    assert [each["id"] for each in sg.following(person, entity_type="Shot")] == [at["shot"]["id"]]
    assert sg.unfollow(person, at["shot"])["unfollowed"] is True
    assert sg.update_project_last_accessed(at["project"], person) is None
    assert isinstance(sg.user_subscriptions_read(), list)
    sg.user_subscriptions_create([{"login": login}])
    assert isinstance(sg.preferences_read(["date_component_order"]), dict)
    mine = shotgun_api3.Shotgun(sg.base_url, login=login, password=password)
    assert mine.find_one("Project", [["id", "is", at["project"]["id"]]])["id"] == at["project"]["id"]


def talk(sg, at):
    note = sg.create("Note", {"project": at["project"], "content": "brighter", "note_links": [at["shot"]], "user": at["person"]})
    sg.create("Reply", {"entity": note, "content": "done"})
    assert [each["type"] for each in sg.note_thread_read(note["id"], {"Note": ["content"]})][:2] == ["Note", "Reply"]
    assert sg.text_search("sh0", {"Shot": []})["matches"][0]["name"] == "sh010"
    stream = sg.activity_stream_read("Shot", at["shot"]["id"])
    assert stream["entity_id"] == at["shot"]["id"] and stream["updates"]


def files(sg, at, folder):
    picture, movie = os.path.join(folder, "thumb.png"), os.path.join(folder, "re view \u3054.mov")
    for path, content in ((picture, PICTURE), (movie, os.urandom(3000000))):
        with open(path, "wb") as file:
            file.write(content)
    version = sg.create("Version", {"project": at["project"], "code": "v1", "entity": at["shot"], "image": picture})
    assert version["image"]
    attachment = sg.upload("Version", version["id"], movie, "sg_uploaded_movie", "Review", "a, b")
    value = sg.find_one("Version", [["id", "is", version["id"]]], ["sg_uploaded_movie"])["sg_uploaded_movie"]
    assert value["id"] == attachment and value["name"] == "Review"
    with open(movie, "rb") as file:
        content = file.read()
    assert sg.download_attachment(value) == content and sg.download_attachment(attachment_id=attachment) == content
    back = sg.download_attachment(attachment, file_path=os.path.join(folder, "back.mov"))
    with open(back, "rb") as file:
        assert file.read() == content
    assert sorted(os.listdir(folder)) == ["back.mov", "re view \u3054.mov", "thumb.png"]
    assert sg.get_attachment_download_url(attachment).endswith("/file_serve/attachment/%d" % attachment)
    raises(shotgun_api3.ShotgunFileDownloadError, sg.download_attachment, 987654)
    assert sg.upload_thumbnail("Shot", at["shot"]["id"], picture) > 0
    assert sg.upload_filmstrip_thumbnail("Shot", at["shot"]["id"], picture) > 0
    raises((shotgun_api3.ShotgunError, TypeError), sg.share_thumbnail, [version], picture, version)
    assert sg.share_thumbnail([version], thumbnail_path=picture) > 0


def rest(sg, at):
    days = sg.work_schedule_read("2026-11-02", "2026-11-03", at["project"])
    assert days["2026-11-02"]["working"] is True
    changed = sg.work_schedule_update("2026-11-02", False, "a holiday", at["project"])
    assert changed["working"] is False
    assert sg.nav_expand("/")["children"]
    assert isinstance(sg.nav_search_string("/", "sh010"), list)
    assert isinstance(sg.nav_search_entity("/", at["shot"]), list)
    raises(shotgun_api3.Fault, sg.export_page, 1, "csv")
    assert sg.info()["version"] and sg.server_caps.version >= (8, 0, 0) and sg.server_info["version"]
    sg.add_user_agent("studio 1.0")
    sg.reset_user_agent()
    sg.connect()
    sg.close()
    assert sg.find_one("Project", [])


def on(sg, logger, event, args):
    assert isinstance(sg, shotgun_api3.Shotgun)
    watched = Watched(sg.base_url, *args["script"])
    watched.set_session_uuid(event["session_uuid"])
    at = {}
    records(watched, at)
    schema(watched, at)
    people(watched, at, *args["person"])
    talk(watched, at)
    with tempfile.TemporaryDirectory() as folder:
        files(watched, at, folder)
    rest(watched, at)
    found = []
    look = [threading.Thread(target=lambda: found.append(sg.find_one("Shot", []))) for _ in range(8)]
    for thread in look:
        thread.start()
    for thread in look:
        thread.join()
    assert len(found) == 8
    public = {name for name in dir(shotgun_api3.Shotgun) if not name.startswith("_")}
    logger.info("not called: %s", ", ".join(sorted(public - watched.asked)) or "none")
