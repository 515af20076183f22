"""
The line to the daemon: frames over one file descriptor of their own, both ways. A frame is two 32-bit lengths, a JSON
text and bytes. A thread of its own reads, so that a stop, an answer or the daemon's end is noticed while a callback runs.
"""
import json
import os
import queue
import signal
import struct
import threading
from typing import Any, Callable, Dict, Optional, Set, Tuple

from .own_fds import end_if_closed, move_up

Message = Dict[str, Any]

_LENGTHS = struct.Struct("<II")
#: Made once; an endless number would be no JSON.
_encode = json.JSONEncoder(allow_nan=False).encode
#: What is smaller than this goes into the line as a whole or not at all.
_WHOLE_BYTES = 16_384


class Link:
    def __init__(self, fd: int, on_lost: Callable[[], None]) -> None:
        """`on_lost` is called, in the reading thread, when the daemon is gone."""
        self._fd = move_up(fd)
        self._on_lost = on_lost
        self._sending = threading.Lock()
        self._inbox: "queue.SimpleQueue[Tuple[Message, bytes]]" = queue.SimpleQueue()
        self._replies: Dict[int, "queue.SimpleQueue[Tuple[Message, bytes]]"] = {}
        self._last_id = 0
        #: Lanes that were asked to stop; seen here at once, also in the middle of a run.
        self.stopping: Set[int] = set()
        #: True in a child that was forked from this process: the line is its parent's.
        self.forked = False
        os.register_at_fork(after_in_child=self._mark_forked)

    def start(self) -> None:
        threading.Thread(target=self._read, name="callsheet", daemon=True).start()

    def send(self, message: Message, body: bytes = b"") -> None:
        """Raises ValueError for what JSON does not have, such as an endless number."""
        text = _encode(message).encode("ascii")
        frame = _LENGTHS.pack(len(text), len(body)) + text + body
        if self.forked:
            return
        with self._sending:
            if len(frame) < _WHOLE_BYTES:
                self._write(frame)
                return
            # a signal may make the plugin's handler raise, and half a frame would be the end of the line
            before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            try:
                self._write(frame)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _write(self, frame: bytes) -> None:
        try:
            sent = os.write(self._fd, frame)
            while sent < len(frame):
                sent += os.write(self._fd, frame[sent:])
        except OSError as error:
            end_if_closed(error)
            raise

    def next(self) -> Tuple[Message, bytes]:
        """Waits for what the daemon says next."""
        return self._inbox.get()

    def poll(self) -> Optional[Tuple[Message, bytes]]:
        """What the daemon has said, if there is anything left of it."""
        return None if self._inbox.empty() else self._inbox.get()

    def request(self, request: Message, timeout_ms: float) -> Tuple[Message, bytes]:
        """Has the daemon send an HTTP request; waits for its outcome. For any thread."""
        number = self._next_id()
        return self._ask(number, {"type": "request", "id": number, "request": request, "timeoutMs": timeout_ms})

    def stream(self, request: Message, timeout_ms: float) -> Tuple[Message, "Pieces"]:
        """As `request`, for a body that is too large to hold: it comes as it is asked for."""
        number = self._next_id()
        message = {"type": "request", "id": number, "request": request, "timeoutMs": timeout_ms, "stream": True}
        outcome, whole = self._ask(number, message)
        if outcome["kind"] == "stream":
            return outcome, Pieces(lambda: self._ask(number, {"type": "pull", "id": number}), lambda: self._abort(number))
        return outcome, whole_in_pieces(whole)

    def _next_id(self) -> int:
        with self._sending:
            self._last_id += 1
            return self._last_id

    def _ask(self, number: int, message: Message) -> Tuple[Message, bytes]:
        answer: "queue.SimpleQueue[Tuple[Message, bytes]]" = queue.SimpleQueue()
        self._replies[number] = answer
        self.send(message)
        return answer.get()

    def _abort(self, number: int) -> None:
        self.send({"type": "abort", "id": number})

    def _read(self) -> None:
        with open(self._fd, "rb", buffering=1 << 16, closefd=False) as stream:
            while True:
                frame = _read_frame(stream)
                if frame is None:
                    break
                self._take(*frame)
        self._on_lost()

    def _take(self, message: Message, body: bytes) -> None:
        kind = message["type"]
        if kind == "reply":
            answer = self._replies.pop(message["id"], None)
            if answer is not None:
                answer.put((message["outcome"], body))
            return
        if kind == "stop":
            self.stopping.add(message["lane"])
        self._inbox.put((message, body))

    def _mark_forked(self) -> None:
        self.forked = True


class Pieces:
    """The body of a reply, as it comes."""

    def __init__(self, pull: Callable[[], Tuple[Message, bytes]], stop: Callable[[], None]) -> None:
        self._pull = pull
        self._stop = stop

    def next(self) -> Tuple[Message, bytes]:
        """Its kind is "piece", the last one empty and marked so, or "broken"."""
        return self._pull()

    def close(self) -> None:
        """No more is wanted."""
        self._stop()


def whole_in_pieces(body: bytes) -> Pieces:
    answers = iter([({"kind": "piece", "last": False}, body), ({"kind": "piece", "last": True}, b"")])
    return Pieces(lambda: next(answers), lambda: None)


def _read_frame(stream: Any) -> Optional[Tuple[Message, bytes]]:
    """None at the end of the stream."""
    try:
        lengths = stream.read(_LENGTHS.size)
        if len(lengths) < _LENGTHS.size:
            return None
        text_length, body_length = _LENGTHS.unpack(lengths)
        text = stream.read(text_length)
        body = stream.read(body_length) if body_length else b""
    except OSError as error:
        end_if_closed(error)
        return None
    if len(text) < text_length or len(body) < body_length:
        return None
    return json.loads(text), body
