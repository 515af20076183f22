"""Files both ways: a movie to the Version, a picture to its Shot, and the movie back."""
import os

PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx"
    b"\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


def registerCallbacks(reg):
    reg.registerCallback(os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"], exchange, {"Shotgun_Version_New": None})


def exchange(sg, logger, event, args):
    folder = os.environ["SHOTS_ROOT"]
    movie, picture = os.path.join(folder, "review.mov"), os.path.join(folder, "thumb.png")
    with open(movie, "wb") as file:
        file.write(b"frames " * 1000)
    with open(picture, "wb") as file:
        file.write(PICTURE)
    version_id = event["meta"]["entity_id"]
    sg.upload("Version", version_id, movie, "sg_uploaded_movie", display_name="Review")
    sg.upload_thumbnail("Version", version_id, picture)
    version = sg.find_one("Version", [["id", "is", version_id]], ["sg_uploaded_movie", "image"])
    back = sg.download_attachment(version["sg_uploaded_movie"])
    path = sg.download_attachment(version["sg_uploaded_movie"]["id"], file_path=os.path.join(folder, "back.mov"))
    logger.info("%d bytes back, %d on disk, thumbnail: %s", len(back), os.path.getsize(path), bool(version["image"]))
