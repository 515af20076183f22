"""Where a python process of Callsheet begins. This one file runs on any Python, to say which one it is."""
import os
import sys

if sys.version_info < (3, 8):
    # the one frame that such a Python has to send; see callsheet_guest/link.py
    import struct

    said = '{"type": "too-old", "version": "%d.%d.%d"}' % sys.version_info[:3]
    os.write(3, struct.pack("<II", len(said), 0) + said.encode("ascii"))
    sys.exit(1)

if __name__ == "__main__":
    # where PYTHONSAFEPATH is set, Python does not add this folder by itself
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from callsheet_guest.main import main

    main()
elif __name__ == "__mp_main__":
    # a process that `multiprocessing` began anew: what the plugin imports there needs the guest, which is not on its path
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, folder)
    import callsheet_guest  # noqa: F401

    sys.path.remove(folder)
