"""The stand-in for shotgun_api3 as a package: what can be imported, its settings, its copies, its zones."""
import copy
import datetime
import os
import pickle
import sys
import threading
import time
import traceback
import unittest
import xmlrpc.client

os.environ["TZ"] = "America/Los_Angeles"
time.tzset()

ROOT = os.path.join(os.path.dirname(__file__), "..", "..", "..")
GUEST = os.path.join(ROOT, "src", "plugins", "python", "guest")
sys.dont_write_bytecode = True
sys.path[:0] = [GUEST, os.path.join(GUEST, "standin")]

import shotgun_api3  # noqa: E402
from callsheet_guest import site  # noqa: E402
from callsheet_guest.events import read_event  # noqa: E402
from callsheet_guest.times import read_times  # noqa: E402

UTC = datetime.timezone.utc


def connect(**given):
    return shotgun_api3.Shotgun("https://Studio.Example", "name", "key", connect=False, **given)


class Timeout(unittest.TestCase):
    def test_what_no_socket_takes_is_refused(self):
        sg = connect()
        for seconds in (float("inf"), float("nan"), -1):
            sg.config.timeout_secs = seconds
            with self.subTest(seconds), self.assertRaisesRegex(ValueError, "Timeout value out of range"):
                sg.info()


class Package(unittest.TestCase):
    def test_names(self):
        import shotgun_api3.lib.sgtimezone
        import shotgun_api3.shotgun

        self.assertIs(shotgun_api3.shotgun.Shotgun, shotgun_api3.Shotgun)
        self.assertIs(shotgun_api3.shotgun.SG_TIMEZONE, shotgun_api3.sg_timezone)
        for name in ("Fault", "ShotgunError", "AuthenticationFault", "ProtocolError", "ShotgunFileDownloadError"):
            self.assertIs(getattr(shotgun_api3.shotgun, name), getattr(shotgun_api3, name))
        self.assertEqual(shotgun_api3.shotgun.__version__, "3.10.0")

    def test_exceptions_are_where_the_official_client_has_them(self):
        self.assertEqual("".join(traceback.format_exception_only(shotgun_api3.Fault, shotgun_api3.Fault("no"))), "shotgun_api3.shotgun.Fault: no\n")
        for name in ("ShotgunError", "AuthenticationFault", "ShotgunThumbnailNotReady"):
            self.assertEqual(getattr(shotgun_api3, name).__module__, "shotgun_api3.shotgun")
        for name in ("Error", "ProtocolError", "ResponseError"):
            self.assertIs(getattr(shotgun_api3, name), getattr(xmlrpc.client, name))
        again = pickle.loads(pickle.dumps(shotgun_api3.AuthenticationFault("no")))
        self.assertIs(type(again), shotgun_api3.AuthenticationFault)

    def test_what_is_not_there_is_said(self):
        for name in ("shotgun_api3.lib.mockgun", "shotgun_api3.sg_26", "shotgun_api3.common"):
            with self.subTest(name), self.assertRaisesRegex(ImportError, name + " is not part of the shotgun_api3 that Callsheet"):
                __import__(name)
        with self.assertRaisesRegex(ImportError, "install the official one for .*python"):
            from shotgun_api3.lib import mockgun  # noqa: F401
        with self.assertRaises(AttributeError):
            connect().nothing


class Settings(unittest.TestCase):
    def test_config(self):
        sg = connect(http_proxy="u:p@proxy.studio.lan:3128")
        config = sg.config
        seen = (config.scheme, config.server, config.api_path, config.script_name, config.api_key, config.timeout_secs)
        self.assertEqual(seen, ("https", "studio.example", "/api3/json", "name", "key", None))
        self.assertEqual(
            (config.proxy_server, config.proxy_port, config.proxy_user, config.proxy_pass), ("proxy.studio.lan", 3128, "u", "p")
        )
        self.assertEqual((config.max_rpc_attempts, config.rpc_attempt_interval, config.no_ssl_validation), (3, 3000, False))
        self.assertEqual(sg.base_url, "https://studio.example")
        self.assertEqual(sg.client_caps.local_path_field, "local_path_linux" if sys.platform == "linux" else sg.client_caps.local_path_field)

    def test_time_out(self):
        times = []

        def send(request, timeout_ms=None):
            times.append(timeout_ms)
            head = {"kind": "reply", "reply": {"status": 200, "statusText": "OK", "headers": {}}}
            return head, b'{"results": true}'

        sent, site.send = site.send, send
        try:
            sg = connect()
            sg.delete("Shot", 1)
            sg.config.timeout_secs = 2.5
            sg.delete("Shot", 1)
        finally:
            site.send = sent
        self.assertEqual(times, [None, 2500.0])


class Zones(unittest.TestCase):
    local = shotgun_api3.sg_timezone.local

    def test_events_and_records_are_of_one_zone(self):
        event = read_event(b'{"id": 1, "created_at": "2026-07-01T08:00:00Z"}')
        self.assertIs(event["created_at"].tzinfo, self.local)
        self.assertRegex(
            repr(event["created_at"]),
            r"^datetime.datetime\(2026, 7, 1, 1, 0, tzinfo=<shotgun_api3.lib.sgtimezone.LocalTimezone object at 0x\w+>\)$",
        )
        self.assertEqual((event["created_at"].tzname(), event["created_at"].dst()), ("PDT", datetime.timedelta(hours=1)))

    def test_every_hour_of_a_year(self):
        hour = datetime.datetime(2026, 1, 1, tzinfo=UTC)
        while hour.year == 2026:
            read = read_times(hour.strftime("%Y-%m-%dT%H:%M:%SZ"), self.local)
            self.assertEqual(read.astimezone(UTC), hour)
            self.assertEqual(hour.astimezone(self.local).isoformat(), read.isoformat())
            self.assertEqual(read.isoformat(), hour.astimezone().isoformat())
            hour += datetime.timedelta(minutes=30)

    def test_copies(self):
        # the hour that clocks show twice is where zones that are not one and the same differ
        for text in ("2026-07-01T08:00:00Z", "2026-11-01T08:30:00Z", "2026-11-01T09:30:00Z"):
            with self.subTest(text):
                read = {"at": read_times(text, self.local)}
                self.assertEqual(copy.deepcopy(read), read)
                self.assertEqual(pickle.loads(pickle.dumps(read)), read)

    def test_threads(self):
        wrong = []

        def work(day):
            for hour in range(24):
                text = "2026-%02d-%02dT%02d:30:00Z" % (day % 12 + 1, day, hour)
                read = read_times(text, self.local)
                if read.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") != text:
                    wrong.append(text)

        threads = [threading.Thread(target=work, args=(day,)) for day in range(1, 25)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
