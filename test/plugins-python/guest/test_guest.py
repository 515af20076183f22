"""The guest's parts by themselves."""
import ast
import datetime
import io
import logging
import os
import subprocess
import sys
import tempfile
import types
import unittest

GUEST = os.path.join(os.path.dirname(__file__), "..", "..", "..", "src", "plugins", "python", "guest")
sys.dont_write_bytecode = True
sys.path.insert(0, GUEST)

from callsheet_guest import logs  # noqa: E402
from callsheet_guest.events import read_event  # noqa: E402
from callsheet_guest.failures import hide, hide_environment, report_of  # noqa: E402
from callsheet_guest.python2 import is_python2_syntax  # noqa: E402
from callsheet_guest.slot import SlotWriter  # noqa: E402


def sources():
    for folder, _, names in os.walk(GUEST):
        for name in names:
            if name.endswith(".py"):
                yield os.path.join(folder, name)


class Sources(unittest.TestCase):
    def test_syntax_is_that_of_python_3_8(self):
        for path in sources():
            with self.subTest(path), open(path, encoding="utf-8") as file:
                ast.parse(file.read(), path, feature_version=(3, 8))

    def test_every_function_has_types(self):
        for path in sources():
            with open(path, encoding="utf-8") as file:
                tree = ast.parse(file.read(), path)
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef):
                    with self.subTest(path, line=node.lineno):
                        self.assertIsNotNone(node.returns, node.name)

    def test_only_the_standard_library_is_imported(self):
        if sys.version_info < (3, 10):
            self.skipTest("this Python does not know the names of its own modules")
        own = {"callsheet_guest", "shotgun_api3", "_sha2", "_sha256"}
        for path in sources():
            with open(path, encoding="utf-8") as file:
                tree = ast.parse(file.read(), path)
            for node in ast.walk(tree):
                names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.level == 0:
                    names = [node.module]
                for name in names:
                    self.assertIn(name.split(".")[0], set(sys.stdlib_module_names) | own, path)


class Slot(unittest.TestCase):
    def test_continues_the_counter_of_the_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "slot")
            open(path, "wb").close()
            first = SlotWriter(path, 1)
            for seq in range(1, 4):
                first.done(seq)
            first.close()
            second = SlotWriter(path, 2)
            second.begun(4, 2)
            second.close()
            with open(path, "rb") as file:
                held = file.read()
        self.assertEqual(len(held), 64)
        # the fourth write stands at the first place, the third still at the second
        self.assertEqual((held[4], held[36]), (2, 1))


class Events(unittest.TestCase):
    def test_times(self):
        event = read_event(
            b'{"id": 1, "created_at": "2026-11-01T08:00:00Z", "session_uuid": "2026-11-01T08:00:0xZ",'
            b' "meta": {"list": ["2026-11-01T08:00:00Z", "2026-02-30T08:00:00Z"], "n": 12345678901234567890}}'
        )
        moment = datetime.datetime(2026, 11, 1, 8, tzinfo=datetime.timezone.utc)
        self.assertEqual(event["created_at"], moment)
        self.assertIsNotNone(event["created_at"].utcoffset())
        self.assertEqual(event["session_uuid"], "2026-11-01T08:00:0xZ")
        self.assertEqual(event["meta"], {"list": [moment, "2026-02-30T08:00:00Z"], "n": 12345678901234567890})


class Failures(unittest.TestCase):
    def report(self, work):
        try:
            work()
        except BaseException as error:
            return report_of(error, __file__)
        raise AssertionError("nothing was raised")

    def test_whatever_is_raised(self):
        class Odd(Exception):
            def __str__(self):
                raise ValueError("no")

            __repr__ = __str__

        def work():
            held = Odd()  # noqa: F841
            raise Odd()

        report = self.report(work)
        self.assertEqual((report["name"], report["message"]), ("Odd", "its text cannot be made (ValueError)"))
        self.assertIn("held = (its repr failed: ValueError)", report["stack"])

    def test_whatever_ends_a_program_when_it_is_shown(self):
        class Ending(Exception):
            def __str__(self):
                raise SystemExit(3)

            __repr__ = __str__

        class Nameless(type):
            def __getattribute__(cls, name):
                raise KeyboardInterrupt

        class Worst(Exception, metaclass=Nameless):
            pass

        def work(error):
            held = error  # noqa: F841
            raise error

        report = self.report(lambda: work(Ending()))
        self.assertEqual((report["name"], report["message"]), ("Ending", "its text cannot be made (SystemExit)"))
        self.assertIn("held = (its repr failed: SystemExit)", report["stack"])
        self.assertEqual(self.report(lambda: work(Worst()))["name"], "Worst")

    def test_secrets_inside_of_values(self):
        def work():
            conf = {"password": "hunter2", "id": 7, "Api-Token": "it's", "nested": [{"Authorization": b"bytes", "author": "ada"}]}  # noqa: F841
            made = types.SimpleNamespace(api_key="hunter3", code="sh010")  # noqa: F841
            url = "https://ada:hunter4@studio.example/x"  # noqa: F841
            raise ValueError("no answer from http://ada:hunter5@proxy:3128")

        report = self.report(work)
        self.assertEqual(report["message"], "no answer from http://ada:[hidden]@proxy:3128")
        self.assertIn("'id': 7, 'Api-Token': [hidden], 'nested': [{'Authorization': [hidden], 'author': 'ada'}]}", report["stack"])
        self.assertIn("namespace(api_key=[hidden], code='sh010')", report["stack"])
        shown = report["stack"].split("Variables of")[1]
        for secret in ("hunter", "it's", "bytes"):
            self.assertNotIn(secret, shown)

    def test_large_values_are_not_shown_whole(self):
        class Loud:
            def __repr__(self):
                shown.append(self)
                return "loud"

        shown = []

        def work():
            many = [Loud()] * 100_000  # noqa: F841
            text = "x" * 1_000_000  # noqa: F841
            raise ValueError("m")

        stack = self.report(work)["stack"]
        self.assertLess(len(shown), 1000)
        self.assertRegex(stack, "many = \\[loud.*, 100000 in all\n")
        self.assertRegex(stack, "text = 'xxx.*, 1000000 in all")

    def test_secrets_and_length(self):
        hide(["s3cret-value"])

        def work():
            api_key, long, text = "abc", "x" * 10_000, "has s3cret-value"  # noqa: F841
            raise ValueError("s3cret-value")

        report = self.report(work)
        self.assertEqual(report["message"], "[hidden]")
        self.assertNotIn("s3cret-value", report["stack"])
        self.assertIn("api_key = [hidden]", report["stack"])
        self.assertIn("more characters", report["stack"])

    def test_secrets_of_the_environment(self):
        os.environ["STUDIO_SLACK_TOKEN"] = "xoxb-12345"
        hide_environment()

        def work():
            header = {"text": "Bearer xoxb-12345"}  # noqa: F841
            raise ValueError("refused: xoxb-12345")

        self.assertNotIn("xoxb-12345", str(self.report(work)))

    def test_causes(self):
        def work():
            try:
                1 / 0
            except ZeroDivisionError as error:
                raise ValueError("outer") from error

        self.assertRegex(self.report(work)["stack"], "ZeroDivisionError[\\s\\S]*direct cause[\\s\\S]*ValueError: outer")


class Python2(unittest.TestCase):
    def is_python2(self, source):
        try:
            compile(source, "a.py", "exec")
        except SyntaxError as error:
            return is_python2_syntax(error)
        return None

    def test_old(self):
        for source in ("print 'a'", "print x", "exec 'a'", "x = 0777", "x = `1`", "if 1 <> 2: pass", "x = 5L", "x = ur'a'"):
            with self.subTest(source):
                self.assertTrue(self.is_python2(source + "\n"))

    def test_new(self):
        for source in ("def f(:", "x = = 1", "foo bar", "class"):
            with self.subTest(source):
                self.assertFalse(self.is_python2(source + "\n"))


class Logs(unittest.TestCase):
    def test_lines(self):
        lines = []
        stream = logs._stream(1, lines.append)
        stream.write("a\nb")
        stream.write("c\n")
        stream.buffer.write(b"\xff\n")
        stream.flush()
        self.assertEqual(lines, ["a", "bc", "\ufffd"])
        self.assertEqual(stream.fileno(), 1)
        self.assertFalse(stream.isatty())
        with self.assertRaises(io.UnsupportedOperation):
            stream.read()

    def test_levels(self):
        self.assertEqual(
            [logs._level(number) for number in (5, logging.DEBUG, 25, 30, 40, 99)],
            ["debug", "debug", "info", "warn", "error", "critical"],
        )


class Boot(unittest.TestCase):
    def test_nothing_runs_in_a_child_that_imports_it(self):
        done = subprocess.run([sys.executable, "-c", "import boot"], cwd=GUEST)
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
