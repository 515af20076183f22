"""The slot: the file in which a host keeps the progress of its lane. The layout is that of `src/journal/slot.ts`."""
import os
import struct

from .own_fds import end_if_closed, move_up

RECORD_BYTES = 32
_MAGIC = 0x43535332
_PRIME = 0x01000193


class SlotWriter:
    """Writes progress. Continues after whatever the file holds. Raises OSError when it cannot be opened."""

    def __init__(self, path: str, epoch: int) -> None:
        self._fd = move_up(os.open(path, os.O_RDWR))
        held = os.pread(self._fd, 2 * RECORD_BYTES, 0)
        self._counter = max(_counter(held[:RECORD_BYTES]), _counter(held[RECORD_BYTES:]))
        self._head = struct.pack("<II", _MAGIC, epoch)
        self._head_hash = _hash(self._head, 0x811C9DC5)

    def begun(self, seq: int, finished_callbacks: int) -> None:
        """`seq` has begun, and so many of its callbacks are done. Says too that everything before it is done."""
        self._write(seq, finished_callbacks, 1)

    def done(self, seq: int) -> None:
        """`seq` is done with."""
        self._write(seq, 0, 0)

    def close(self) -> None:
        os.close(self._fd)

    def _write(self, seq: int, finished_callbacks: int, begun: int) -> None:
        self._counter += 1
        body = struct.pack("<ddHBB", self._counter, seq, finished_callbacks, begun, 0)
        record = self._head + body + struct.pack("<I", _hash(body, self._head_hash))
        try:
            os.pwrite(self._fd, record, (self._counter % 2) * RECORD_BYTES)
        except OSError as error:
            end_if_closed(error)
            raise


def _counter(record: bytes) -> int:
    """The write counter of a valid record, else 0."""
    if len(record) < RECORD_BYTES or struct.unpack_from("<I", record, 0)[0] != _MAGIC:
        return 0
    if struct.unpack_from("<I", record, 28)[0] != _hash(record[:28], 0x811C9DC5):
        return 0
    return int(struct.unpack_from("<d", record, 8)[0])


def _hash(data: bytes, start: int) -> int:
    """FNV-1a, 32 bits."""
    value = start
    for byte in data:
        value = ((value ^ byte) * _PRIME) & 0xFFFFFFFF
    return value
