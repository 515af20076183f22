"""The guest's own file descriptors, out of the way of the plugin's."""
import errno
import fcntl
import os

#: Where they begin. A plugin that closes all descriptors and opens files would get theirs, were they among the lowest; and
#: where a process may have few, 256 are the usual limit.
_FIRST = 200
#: The exit code that says so; the other side is `src/plugins/python/ending.ts`.
_CLOSED = 97


def move_up(fd: int) -> int:
    """The same under a high number, not handed on to programs that are started."""
    try:
        moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _FIRST)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        # so high a number is not allowed here
        os.set_inheritable(fd, False)
        return fd
    os.close(fd)
    return moved


def end_if_closed(error: OSError) -> None:
    """Ends the process when one of them is no longer there: nothing that the plugin does from here on could be told of."""
    if error.errno == errno.EBADF:
        os._exit(_CLOSED)
