"""The stand-in for shotgun_api3 against the recorded calls of the official client."""
import datetime
import json
import os
import sys
import time
import unittest

os.environ["TZ"] = "Asia/Kolkata"
time.tzset()

ROOT = os.path.join(os.path.dirname(__file__), "..", "..", "..")
GUEST = os.path.join(ROOT, "src", "plugins", "python", "guest")
sys.dont_write_bytecode = True
sys.path[:0] = [GUEST, os.path.join(GUEST, "standin")]

import shotgun_api3  # noqa: E402
from callsheet_guest import site  # noqa: E402

SITE = "http://site.example"
FILES = ("upload", "upload_thumbnail", "upload_filmstrip_thumbnail", "share_thumbnail", "download_attachment")
#: Cases that cannot apply, and why.
NOT_HERE = {
    "constructor_handshake": "no call to look at: what the constructor asks is left out of the comparison here",
    "find_server_3_2_no_image_urls": "fails in the official client too, for want of an endpoint of its time",
    "update_tuple_value_not_stripped": "a tuple is sent as a list either way; it is slimmed here, too",
}
#: Moments of which the C library decides what they are, and one before the zone had its present offset.
NOT_ASSERTED = ("gap", "fold", "year_1900")


def cases(name):
    with open(os.path.join(ROOT, "test", "protocol", name), encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


INFO = next(row for row in cases("requests.jsonl") if row["name"] == "info")["canned_response"]["body"]


def from_recorded(value):
    """Values that JSON cannot express stand in the files as objects with one `$` key."""
    if isinstance(value, list):
        return [from_recorded(item) for item in expanded(value)]
    if not isinstance(value, dict):
        return value
    if "$tuple" in value:
        return tuple(from_recorded(value["$tuple"]))
    if "$date" in value:
        return datetime.date.fromisoformat(value["$date"])
    if "$datetime" in value:
        return moment(value)
    if "$bytes_b64" in value:
        import base64

        return base64.b64decode(value["$bytes_b64"])
    return {key: from_recorded(item) for key, item in value.items()}


def moment(value):
    plain = datetime.datetime.fromisoformat(value["$datetime"])
    zone = value.get("tz")
    if zone is None:
        return plain
    if zone == "utc":
        return plain.replace(tzinfo=datetime.timezone.utc)
    offset = value.get("offset", zone)
    sign = -1 if offset[0] == "-" else 1
    hours, minutes = offset[1:].split(":")
    return plain.replace(tzinfo=datetime.timezone(sign * datetime.timedelta(hours=int(hours), minutes=int(minutes))))


def expanded(items):
    full = []
    for item in items:
        elided = item.get("$elided") if isinstance(item, dict) else None
        if elided is None:
            full.append(item)
        for _ in range(elided or 0):
            full.append(dict(full[-1], id=full[-1]["id"] + 1))
    return full


class FakeSite:
    def __init__(self, info, exchanges):
        self.info = info
        self.exchanges = list(exchanges)
        self.bodies = []
        self.headers = []
        self.urls = []

    def send(self, request, timeout_ms=None):
        body = json.loads(request["body"])
        if body["method_name"] == "info" and self.info is not None:
            return reply(200, {}, json.dumps(self.info).encode())
        self.bodies.append(body)
        self.headers.append(request["headers"])
        self.urls.append(request["url"])
        response = self.exchanges.pop(0)
        content = response["body"]
        if isinstance(content, dict) and "$bytes_b64" not in content or isinstance(content, list):
            content = json.dumps(elided(content)).encode()
        elif isinstance(content, dict):
            content = from_recorded(content)
        else:
            content = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        return reply(response["status"], response["headers"], content)


def elided(value):
    if isinstance(value, list):
        return [elided(item) for item in expanded(value)]
    if isinstance(value, dict):
        return {key: elided(item) for key, item in value.items()}
    return value


def reply(status, headers, body):
    return {"kind": "reply", "reply": {"status": status, "statusText": "", "headers": headers}}, body


def connect(client):
    given = {"script_name": client.get("script_name", "test script name"), "api_key": client.get("api_key", "test script api key")}
    if client.get("auth") == "user":
        given = {"login": "jane", "password": "secret"}
    if client.get("auth") == "session":
        given = {"session_token": "tok-123"}
    if client.get("auth") == "2fa":
        given = {"login": "jane", "password": "secret", "auth_token": "123456"}
    if "sudo_as_login" in client:
        given["sudo_as_login"] = client["sudo_as_login"]
    if "convert_datetimes_to_utc" in client:
        given["convert_datetimes_to_utc"] = client["convert_datetimes_to_utc"]
    user = client.get("url_auth")
    url = "http://%ssite.example%s" % (user + "@" if user else "", client.get("url_suffix", ""))
    sg = shotgun_api3.Shotgun(url, connect=False, **given)
    sg.config.localized = client.get("localized", False)
    sg.config.extra_auth_params = client.get("extra_auth_params")
    if "session_uuid" in client:
        sg.set_session_uuid(client["session_uuid"])
    for agent in client.get("user_agents", []):
        sg.add_user_agent(agent)
    if client.get("reset_user_agent"):
        sg.reset_user_agent()
    return sg


class RecordedRequests(unittest.TestCase):
    maxDiff = None

    def test_all(self):
        ran = 0
        for row in cases("requests.jsonl"):
            if row["call"]["method"] in FILES or row["name"] in NOT_HERE or uploads(row):
                continue
            with self.subTest(row["name"]):
                os.environ.pop("SHOTGUN_API_DISABLE_ENTITY_OPTIMIZATION", None)
                os.environ.update(row.get("env") or {})
                self.check(row)
                ran += 1
        self.assertGreater(ran, 250)

    def check(self, row):
        method = row["call"]["method"]
        asks = method in ("info", "connect")
        exchanges = row.get("exchanges") or ([{"request": row["request"], "response": row["canned_response"]}] if row["request"] else [])
        exchanges = [each for each in exchanges if asks or each["request"]["body"]["method_name"] != "info"]
        fake = FakeSite(None if asks else dict(INFO, **row["client"].get("server_info", {})), [each["response"] for each in exchanges])
        site.send = fake.send
        expected = row["client_result"]
        try:
            value = self.call(row)
            self.assertNotIn("exception", expected, "it should have raised")
        except Exception as error:
            if "exception" not in expected:
                raise
            self.assertEqual(
                (type(error).__name__, str(error)),
                (expected["exception"]["class"], expected["exception"]["message"]),
            )
        else:
            if method == "server_caps":
                value = str(value)
            if method != "__init__":
                self.assertEqual(value, from_recorded(expected.get("value")))
        self.assertEqual(fake.bodies, [each["request"]["body"] for each in exchanges])
        for headers, url, each in zip(fake.headers, fake.urls, exchanges):
            recorded = each["request"]["headers"]
            for name in ("content-type", "connection", "accept-encoding", "authorization", "locale"):
                self.assertEqual(headers.get(name), recorded.get(name), name)
            self.assertEqual(url, SITE + each["request"]["path"])
            self.assertEqual(headers["user-agent"].partition(")")[2], recorded["user-agent"].partition("<OPENSSL>")[2])

    def call(self, row):
        call = row["call"]
        sg = connect(row["client"])
        if call["method"] == "__init__":
            return None
        if call["method"] in ("server_caps", "server_info"):
            return getattr(sg, call["method"])
        arguments = from_recorded(call.get("args") or [])
        return getattr(sg, call["method"])(*arguments, **from_recorded(call.get("kwargs") or {}))


def uploads(row):
    """A create or update with a file to upload."""
    return any(each["request"]["path"].startswith("/upload") for each in row.get("exchanges") or []) or row["name"].find("image") >= 0 and row["call"]["method"] in ("create", "update") and "/" in json.dumps(row["call"])


class Transforms(unittest.TestCase):
    def test_outbound(self):
        from shotgun_api3.values import outbound

        for row in cases("transforms.jsonl"):
            if row["direction"] != "outbound" or any(word in row["name"] for word in NOT_ASSERTED):
                continue
            if row["client_zone"] != "Asia/Kolkata" or "$" in json.dumps(row["python"]).replace('"$date', "").replace('"$tuple', ""):
                continue
            with self.subTest(row["name"]):
                self.assertEqual(outbound(from_recorded(row["python"]), row["convert_datetimes_to_utc"]), row["wire"])

    def test_local_zone(self):
        zone = shotgun_api3.sg_timezone.local
        when = datetime.datetime(2026, 11, 1, 8, tzinfo=datetime.timezone.utc).astimezone(zone)
        self.assertEqual(when.isoformat(), "2026-11-01T13:30:00+05:30")
        self.assertEqual(when.dst(), datetime.timedelta(0))
        self.assertEqual(when.tzname(), "IST")


class Errors(unittest.TestCase):
    def outcome(self, *outcomes):
        left = list(outcomes)
        site.send = lambda request, timeout_ms=None: left.pop(0)
        sg = connect({})
        sg.config.rpc_attempt_interval = 0
        return sg.delete("Shot", 1)

    def test_statuses(self):
        broken = {"kind": "reply", "reply": {"status": 404, "statusText": "Not Found", "headers": {}}}, b""
        with self.assertRaises(shotgun_api3.ProtocolError) as caught:
            self.outcome(broken)
        self.assertEqual((caught.exception.errcode, caught.exception.url), (404, "site.example"))
        self.assertNotIsInstance(caught.exception, shotgun_api3.ShotgunError)

    def test_broken(self):
        for failure, kind in (("refused", ConnectionRefusedError), ("timeout", TimeoutError), ("unknown-host", OSError), ("closed", ConnectionError), ("cut", ConnectionError)):
            with self.subTest(failure), self.assertRaises(OSError) as caught:
                self.outcome(({"kind": "broken", "failure": failure, "message": "m"}, b""))
            self.assertIsInstance(caught.exception, kind if sys.version_info >= (3, 10) else OSError)

    def test_tls_is_tried_three_times(self):
        tls = ({"kind": "broken", "failure": "tls", "message": "m"}, b"")
        done = reply(200, {}, b'{"results": true}')
        self.assertIs(self.outcome(tls, tls, done), True)
        import ssl

        with self.assertRaises(ssl.SSLError):
            self.outcome(tls, tls, tls)

    def test_faults(self):
        for row in cases("errors.jsonl"):
            if not row["name"].startswith("fault_"):
                continue
            body = row["server"]["body"]
            body = body if isinstance(body, str) else json.dumps(body)
            with self.subTest(row["name"]), self.assertRaises(shotgun_api3.Fault) as caught:
                self.outcome(reply(200, {"content-type": "application/json"}, body.encode()))
            self.assertEqual((type(caught.exception).__name__, str(caught.exception)), (row["exception"]["class"], row["exception"]["message"]))

    def test_constructor(self):
        for row in cases("errors.jsonl"):
            # the proxy is the daemon's; and two recordings lost arguments
            without = ("ctor_bad_proxy_port", "ctor_key_without_name", "ctor_bad_scheme")
            if not row["name"].startswith("ctor_") or row["name"] in without:
                continue
            call = row["call"]
            with self.subTest(row["name"]), self.assertRaises(ValueError) as caught:
                shotgun_api3.Shotgun(*(call.get("args") or [SITE]), **dict(call.get("kwargs") or {}, connect=False))
            self.assertEqual(str(caught.exception), row["exception"]["message"])

    def test_address(self):
        with self.assertRaisesRegex(ValueError, "base_url must use http or https got 'ftp://x'"):
            shotgun_api3.Shotgun("ftp://x", "name", "key", connect=False)

    def test_files_need_the_official_client(self):
        with self.assertRaisesRegex(shotgun_api3.ShotgunError, "upload: files need the official shotgun_api3"):
            connect({}).upload("Shot", 1, "/a.png")
        with self.assertRaisesRegex(shotgun_api3.ShotgunError, "image: files need"):
            connect({}).create("Shot", {"image": "/a.png"})
        with self.assertRaises(AttributeError):
            connect({}).nothing


if __name__ == "__main__":
    unittest.main()
