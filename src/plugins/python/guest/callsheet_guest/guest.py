"""The guest: runs one plugin, or those of a folder, which then take turns in one thread, as in the Python daemon."""
from typing import Any, Dict, Optional

from .control import Control
from .delivery import TURN
from .lane import Lane
from .link import Link, Message
from .logs import is_below

#: How long a plugin goes on while others wait, in seconds.
_TURN = 0.01


class Guest:
    def __init__(self, link: Link, control: Control, settings: Dict[str, Any]) -> None:
        self._link = link
        self._control = control
        self._settings = settings
        #: Those that are loaded, or being loaded, the next to have its turn first.
        self._lanes: Dict[int, Lane] = {}
        #: Whose code runs, or ran last.
        self.current: Optional[Lane] = None

    def serve(self) -> None:
        """Until the daemon says that it is over."""
        going = True
        while going:
            lane = self._ready()
            if lane is not None:
                self.current = lane
                lane.delivery.turn(_TURN if len(self._lanes) > 1 else float("inf"))
                self._leave_if_asked(lane)
            received = self._link.poll() if lane is not None else self._link.next()
            while received is not None and going:
                going = self._take(*received)
                received = self._link.poll()

    def lane_of(self, logger: str) -> Optional[Lane]:
        """Whose logger this is; for any other the one whose code runs."""
        own = [lane for lane in self._lanes.values() if is_below(logger, lane.logger.name)]
        return max(own, key=lambda lane: len(lane.logger.name)) if own else self.current

    def _ready(self) -> Optional[Lane]:
        """The one that has waited longest; it goes to the end of the line."""
        for number, lane in self._lanes.items():
            if lane.delivery.waits_for == TURN:
                self._lanes[number] = self._lanes.pop(number)
                return lane
        return None

    def _take(self, message: Message, body: bytes) -> bool:
        """False for the last one."""
        kind = message["type"]
        if kind == "end":
            return False
        if kind == "load":
            self._load(message)
            return True
        lane = self._lanes.get(message["lane"])
        if lane is None:
            return True
        if kind == "run":
            lane.delivery.hand(message["items"], body)
        elif kind == "verdict":
            lane.delivery.verdict(message["verdict"])
        elif kind == "stored":
            lane.delivery.stored(message["until"])
        elif kind == "stop":
            # a failure that waits for its verdict ends with this
            lane.delivery.verdict("stop")
        self._leave_if_asked(lane)
        return True

    def _load(self, plugin: Message) -> None:
        lane = Lane(self._link, self._control, self._settings, plugin)
        if lane.may_leave:
            lane.leave()
            return
        self.current = self._lanes[lane.number] = lane
        if not lane.load():
            del self._lanes[lane.number]
        self._leave_if_asked(lane)

    def _leave_if_asked(self, lane: Lane) -> None:
        if lane.may_leave and self._lanes.pop(lane.number, None):
            lane.leave()
