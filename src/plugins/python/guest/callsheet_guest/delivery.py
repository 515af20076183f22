"""
Delivers runs of events to the callbacks of one plugin: one event at a time, its callbacks in order. The work is a generator
that pauses wherever something has to be waited for, so that the plugins of a shared process take turns.
"""
import logging
import os
import time
from collections import deque
from datetime import datetime, timezone
from typing import Any, Deque, Dict, Generator, List, Optional, Tuple

from .call_times import CallTimes
from .connection import Connection
from .control import Control
from .events import Event, local_zone, read_event
from .failures import report_of
from .instructions import instruction_in
from .link import Link
from .registrar import Registration
from .slot import SlotWriter

#: How often a long run reports, in seconds.
_REPORT_EVERY = 0.25
#: How often it is looked whether the daemon is still there, in seconds; no daemon starts in so short a time.
_LOOK_EVERY = 0.005

#: What the work waits for at a pause.
RUN, TURN, VERDICT, STORED, NOTHING = "run", "turn", "verdict", "stored", "nothing"

#: Of one event: seq, first and last byte in the run's text, callbacks, and whether it may have been begun before.
Item = Tuple[int, int, int, List[int], bool]


class Delivery:
    def __init__(self, number: int, link: Link, control: Control, settings: Dict[str, Any], plugin: Dict[str, Any]) -> None:
        self._number = number
        self._link = link
        self._control = control
        self._settings = settings
        self._plugin = plugin
        self._daemon = os.getppid()
        self._looked_at = 0.0
        self._slot: Optional[SlotWriter] = None
        self._registrations: List[Registration] = []
        self._connections: List[Connection] = []
        self._loggers: List[logging.Logger] = []
        self._logger = logging.getLogger("plugin.%s" % plugin["pluginName"])
        self._runs: Deque[Tuple[List[Item], bytes]] = deque()
        self._verdict = ""
        self._created_at = ""
        self._span_event: Dict[str, Any] = {}
        self._until = 0.0
        self._done_seq = 0
        self._calls = 0
        self._busy_ms = 0.0
        self._times = CallTimes()
        self._reported_at = 0.0
        #: Told of last, where the daemon's answer is waited for.
        self._step: Dict[str, Any] = {"begun": False}
        self._work = self._deliver()
        #: RUN, TURN, VERDICT, STORED or, once it is over, NOTHING.
        self.waits_for = next(self._work)
        #: Id of the event in hand.
        self.event_id: Optional[int] = None

    def begin(self, registrations: List[Registration], plugin: logging.Logger) -> None:
        """What is to be called."""
        self._registrations = registrations
        self._connections = [Connection(self._settings["site"], each) for each in registrations]
        self._loggers = [plugin.getChild(each.name) for each in registrations]
        for logger in self._loggers:
            logger.config = plugin.config  # type: ignore[attr-defined]

    def hand(self, items: List[Item], text: bytes) -> None:
        if self.waits_for == NOTHING:
            return
        self._runs.append((items, text))
        if self.waits_for == RUN:
            self.waits_for = TURN

    def verdict(self, verdict: str) -> None:
        """The daemon's answer to the failure that it was told of."""
        if self.waits_for == VERDICT:
            self._verdict = verdict
            self.waits_for = TURN

    def stored(self, until: Optional[float]) -> None:
        """The step that the daemon was told of last is durable; after `until` a callback may not begin by it."""
        if self.waits_for != STORED:
            return
        if until is not None and self._step["begun"] and time.monotonic() * 1000 > until:
            # frozen since the answer was given: somebody else may have the lane by now
            self._send_step()
        else:
            self.waits_for = TURN

    def turn(self, seconds: float) -> None:
        """Goes on for about so long, or until something has to be waited for."""
        self._until = time.perf_counter() + seconds
        self.waits_for = next(self._work, NOTHING)

    def prepare(self) -> None:
        """Makes what the first event would have to wait for. What goes wrong with it is told by the first call."""
        try:
            local_zone()
            for connection in self._connections:
                connection.sg()
        except BaseException:
            pass

    def close(self) -> None:
        """Nothing more is called."""
        self._work.close()
        self.waits_for = NOTHING
        if self._calls > 0:
            self._report()
        if self._slot is not None:
            self._slot.close()

    def _deliver(self) -> Generator[str, None, None]:
        stopping = self._link.stopping
        while True:
            while not self._runs:
                yield RUN
            items, text = self._runs.popleft()
            slot = self._open_slot()
            self._reported_at = time.perf_counter()
            for seq, start, end, callbacks, redelivered in items:
                if self._number in stopping:
                    self._runs.clear()
                    break
                event = read_event(text[start:end])
                self.event_id = event["id"]
                if self._settings["spans"]:
                    self._span_event = _span_event(event, redelivered)
                if self._settings["timing"]:
                    # before a callback can change it
                    self._created_at = event["created_at"].isoformat()
                if self._begun(slot, seq, callbacks[0] if redelivered else 0):
                    yield STORED
                if redelivered:
                    self._logger.info("event %d comes again: it may have been begun before", event["id"])
                for place, index in enumerate(callbacks):
                    if place > 0 and self._begun(slot, seq, callbacks[place - 1] + 1):
                        yield STORED
                    while not self._call(seq, index, event):
                        yield VERDICT
                        if self._verdict == "continue":
                            break
                        if self._verdict != "retry":
                            # the slot keeps the failing event as begun, with the number of its finished callbacks
                            return
                        if slot is None:
                            # the verdict may have come long ago: somebody else may have the lane by now
                            self._send_step()
                            yield STORED
                self.event_id = None
                self._done_seq = seq
                now = time.perf_counter()
                if now - self._reported_at > _REPORT_EVERY:
                    self._report()
                if now > self._until:
                    # another plugin may end the process now, and that must not bring a finished event back
                    if self._done(slot, seq):
                        yield STORED
                    yield TURN
            if self._done_seq > 0 and self._done(slot, self._done_seq):
                yield STORED
            self._report()

    def _open_slot(self) -> Optional[SlotWriter]:
        """None: each step is told to the daemon, and waited for."""
        if self._slot is None and self._plugin["slot"] is not None:
            # this late, because an older host of the same plugin may still have been writing to it
            self._slot = SlotWriter(self._plugin["slot"]["file"], self._plugin["slot"]["epoch"])
        return self._slot

    def _begun(self, slot: Optional[SlotWriter], seq: int, finished: int) -> bool:
        """True when the daemon's answer has to be waited for."""
        now = time.perf_counter()
        if now - self._looked_at > _LOOK_EVERY:
            self._looked_at = now
            if os.getppid() != self._daemon:
                # the daemon was killed, and the next one may soon begin: its host goes on from here
                os._exit(1)
        if slot is None:
            return self._tell_step(seq, True, finished)
        slot.begun(seq, finished)
        return False

    def _done(self, slot: Optional[SlotWriter], seq: int) -> bool:
        """The same."""
        if slot is None:
            return self._tell_step(seq, False, 0)
        slot.done(seq)
        return False

    def _tell_step(self, seq: int, begun: bool, finished: int) -> bool:
        self._step = {"seq": seq, "begun": begun, "finishedCallbacks": finished}
        self._send_step()
        return True

    def _send_step(self) -> None:
        self._link.send({"type": "step", "lane": self._number, "step": self._step})

    def _call(self, seq: int, index: int, event: Event) -> bool:
        """False when it failed; the daemon has been told."""
        registration = self._registrations[index]
        began = time.perf_counter()
        timed = self._timed(registration.name) if self._settings["timing"] else None
        started_at = time.time()
        report: Optional[Dict[str, Any]] = None
        failed = True
        # logging.config.dictConfig silences every logger that it finds, which nobody means
        self._logger.disabled = self._loggers[index].disabled = False
        self._control.enter(self._number, seq, index)
        try:
            sg = self._connections[index].sg()
            if self._settings["useSessionUuid"]:
                sg.set_session_uuid(event["session_uuid"])
            if registration.accidents:
                registration.accidents.tell(event, self._loggers[index])
            registration.callback(sg, self._loggers[index], event, registration.args)
            failed = False
            return True
        except BaseException as error:
            # as the Python daemon: SystemExit and KeyboardInterrupt count too
            report = report_of(error, self._plugin["pluginPath"])
            failure = {"seq": seq, "callback": index, "instruction": instruction_in(error), "error": report}
        finally:
            if self._link.forked:
                self._end_child(report)
            self._control.leave()
            ended = time.perf_counter()
            took = (ended - began) * 1000.0
            self._calls += 1
            self._busy_ms += took
            self._times.add(seq, index, took, ended)
            if timed is not None:
                self._tell_call(timed, failed)
            if self._settings["spans"]:
                self._tell_span(index, started_at, report)
        self._report(max(self._done_seq, seq - 1))
        self._link.send({"type": "failed", "lane": self._number, "failure": failure})
        return False

    def _end_child(self, error: Optional[Dict[str, Any]]) -> None:
        """A child that the callback forked and forgot to end must not go on with the plugin's events."""
        if error is not None and error["name"] != "SystemExit":
            self._logger.error("a child that was forked from the plugin failed: %s", error["stack"] or error["name"])
        os._exit(0 if error is None else 1)

    def _timed(self, callback: str) -> Dict[str, Any]:
        """What is to be told of a call that begins."""
        return {"callback": callback, "created_at": self._created_at, "started_at": _now()}

    def _tell_call(self, call: Dict[str, Any], failed: bool) -> None:
        call.update(ended_at=_now(), failed=failed)
        line = {"logger": "timing", "level": "info", "message": "called", "eventId": self.event_id, "call": call}
        self._link.send({"type": "log", "lane": self._number, "line": line})

    def _tell_span(self, index: int, started_at: float, error: Optional[Dict[str, Any]]) -> None:
        call = {
            "callback": index,
            "event": self._span_event,
            "startedAt": started_at * 1000.0,
            "endedAt": time.time() * 1000.0,
            "error": error,
        }
        self._link.send({"type": "called", "lane": self._number, "call": call})

    def _report(self, seq: Optional[int] = None) -> None:
        """`seq`: everything that it was handed up to there is done with."""
        done = self._done_seq if seq is None else seq
        self._reported_at = time.perf_counter()
        if done == 0 and self._calls == 0:
            return
        now = time.time()
        progress = {
            "seq": done,
            "at": now * 1000.0,
            "calls": self._calls,
            "busyMs": self._busy_ms,
            "times": self._times.take(now - self._reported_at),
        }
        self._link.send({"type": "progress", "lane": self._number, **progress})
        self._calls = 0
        self._busy_ms = 0.0


def _span_event(event: Event, redelivered: bool) -> Dict[str, Any]:
    """What a span says of an event, before a callback can change it."""
    entity = event["entity"]
    link = None if entity is None else {"type": entity["type"], "id": entity["id"]}
    return {"id": event["id"], "event_type": event["event_type"], "entity": link, "redelivered": redelivered}


def _now() -> str:
    return datetime.now(timezone.utc).isoformat()
