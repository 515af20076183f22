"""Where a plugin's process begins. This one file runs on any Python, to say which one is needed."""
import os
import sys

if sys.version_info < (3, 8):
    sys.stderr.write("Python %d.%d is older than 3.8.\n" % sys.version_info[:2])
    sys.exit(88)

if __name__ == "__main__":
    # where PYTHONSAFEPATH is set, Python does not add this folder by itself
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from callsheet_guest.main import main

    main()
