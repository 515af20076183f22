"""Delivers runs of events to the callbacks of one plugin: one event at a time, its callbacks in order."""
import logging
import os
import time
from typing import Any, Dict, List, Optional

from .connection import Connection
from .control import Control
from .events import Event, read_event
from .failures import report_of
from .instructions import instruction_in
from .link import Link
from .registrar import Registration
from .slot import SlotWriter

#: How often a long run reports, in seconds.
_REPORT_EVERY = 0.25


class Delivery:
    def __init__(self, link: Link, control: Control, start: Dict[str, Any]) -> None:
        self._link = link
        self._control = control
        self._start = start
        self._daemon = os.getppid()
        self._slot: Optional[SlotWriter] = None
        self._registrations: List[Registration] = []
        self._connections: List[Connection] = []
        self._loggers: List[logging.Logger] = []
        self._done_seq = 0
        self._calls = 0
        self._busy_ms = 0.0
        self._reported_at = 0.0
        self._parked = False
        #: Id of the event in hand.
        self.event_id: Optional[int] = None

    def begin(self, registrations: List[Registration], plugin: logging.Logger) -> None:
        """What is to be called."""
        self._registrations = registrations
        self._connections = [Connection(self._start["site"], each) for each in registrations]
        self._loggers = [plugin.getChild(each.name) for each in registrations]

    def hand(self, items: List[List[Any]], body: bytes) -> None:
        """`items`: seq, first and last byte of the event in `body`, callbacks, and whether it may have been begun before."""
        if self._parked:
            return
        if self._slot is None:
            # this late, because an older host of the same plugin may still have been writing to it
            self._slot = SlotWriter(self._start["slot"]["file"], self._start["slot"]["epoch"])
        self._reported_at = time.perf_counter()
        for seq, start, end, callbacks, redelivered in items:
            if self._control.stop_requested:
                break
            event = read_event(body[start:end])
            self.event_id = event["id"]
            going = self._call_all(seq, callbacks, redelivered, event)
            self.event_id = None
            if not going:
                # the slot keeps the failing event as begun, with the number of its finished callbacks
                self._parked = True
                return
            self._done_seq = seq
            if time.perf_counter() - self._reported_at > _REPORT_EVERY:
                self._report()
        if self._done_seq > 0:
            self._slot.done(self._done_seq)
        self._report()

    def _call_all(self, seq: int, callbacks: List[int], redelivered: bool, event: Event) -> bool:
        self._begun(seq, callbacks[0] if redelivered else 0)
        if redelivered:
            self._plugin_log("event %d comes again: its host ended in the middle of it", event["id"])
        for place, index in enumerate(callbacks):
            if place > 0:
                self._begun(seq, callbacks[place - 1] + 1)
            if not self._call(seq, index, event):
                return False
        return True

    def _begun(self, seq: int, finished: int) -> None:
        if os.getppid() != self._daemon:
            # the daemon was killed, and the next one may have begun: its host goes on from here
            os._exit(1)
        assert self._slot is not None
        self._slot.begun(seq, finished)

    def _call(self, seq: int, index: int, event: Event) -> bool:
        """Whether to go on."""
        while True:
            error = self._attempt(seq, index, event)
            if error is None:
                return True
            self._report()
            report = report_of(error, self._start["pluginPath"])
            failure = {"seq": seq, "callback": index, "instruction": instruction_in(error), "error": report}
            del error
            verdict = self._link.ask_verdict(failure)
            if verdict != "retry":
                return verdict == "continue"

    def _attempt(self, seq: int, index: int, event: Event) -> Optional[BaseException]:
        registration = self._registrations[index]
        began = time.perf_counter()
        self._control.enter(seq, index)
        try:
            sg = self._connections[index].sg()
            if self._start["useSessionUuid"]:
                sg.set_session_uuid(event["session_uuid"])
            registration.callback(sg, self._loggers[index], event, registration.args)
            return None
        except BaseException as error:
            # as the Python daemon: SystemExit and KeyboardInterrupt count too
            return error
        finally:
            if self._link.forked:
                # a child that the callback forked and forgot to end must not go on with the plugin's events
                os._exit(0)
            self._control.leave()
            self._calls += 1
            self._busy_ms += (time.perf_counter() - began) * 1000.0

    def _plugin_log(self, message: str, *args: Any) -> None:
        logging.getLogger("plugin.%s" % self._start["pluginName"]).info(message, *args)

    def _report(self) -> None:
        self._reported_at = time.perf_counter()
        if self._done_seq == 0:
            return
        self._link.send(
            {"type": "progress", "seq": self._done_seq, "calls": self._calls, "busyMs": self._busy_ms}
        )
        self._calls = 0
        self._busy_ms = 0.0
