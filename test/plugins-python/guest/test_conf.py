"""`logger.config`: the Python daemon's configuration, as plugins may read it."""
import configparser
import os
import sys
import tempfile
import unittest

GUEST = os.path.join(os.path.dirname(__file__), "..", "..", "..", "src", "plugins", "python", "guest")
sys.dont_write_bytecode = True
sys.path.insert(0, GUEST)

from callsheet_guest.conf import Conf  # noqa: E402

CONF = """[shotgun]
server: https://studio.example
key: 100%sure%%
name = %(SCRIPT_OF_TEST)s

[my plugin]
root: /shots
folder: %(root)s/new
count: 3
unknown: %(NO_SUCH_VARIABLE)s
"""


class Reading(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.file = os.path.join(self.folder.name, "shotgunEventDaemon.conf")
        with open(self.file, "w") as file:
            file.write(CONF)
        os.environ["SCRIPT_OF_TEST"] = "events"
        self.conf = Conf({"confFile": self.file, "site": {"url": "https://other.example"}}, "/studio/plugins/a.py")

    def tearDown(self):
        self.folder.cleanup()

    def test_values(self):
        read = self.conf.get
        self.assertEqual([read("shotgun", name) for name in ("server", "KEY", "name")], ["https://studio.example", "100%sure%", "events"])
        self.assertEqual([read("my plugin", "folder"), self.conf.getint("my plugin", "count")], ["/shots/new", 3])
        self.assertEqual(read("my plugin", "unknown"), "%(NO_SUCH_VARIABLE)s")
        self.assertEqual(read("my plugin", "missing", fallback="here"), "here")
        with self.assertRaises(configparser.NoOptionError):
            read("shotgun", "missing")

    def test_it_is_for_reading(self):
        for name in ("set", "write", "add_section", "remove_option"):
            with self.subTest(name), self.assertRaisesRegex(AttributeError, "logger.config has no %s" % name):
                getattr(self.conf, name)

    def test_without_a_conf(self):
        conf = Conf({"site": {"url": "https://other.example"}}, "/studio/plugins/a.py")
        self.assertEqual(conf.get("shotgun", "server"), "https://other.example")
        self.assertEqual(conf.get("plugins", "paths"), "/studio/plugins")
        self.assertFalse(conf.has_section("daemon"))


if __name__ == "__main__":
    unittest.main()
