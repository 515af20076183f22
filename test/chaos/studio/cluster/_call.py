"""What every Python plugin of the cluster's chaos run does with an event: write it down, take a while, and write it down again."""
import os
import random
import sys
import time

sys.path.append(os.path.join(os.environ["CHAOS_STUDIO"], "more"))

from _note import listen, note

# of all that a plugin does with an event
LONGEST_S = 0.02
__all__ = ["call", "listen"]


def call(plugin, event, part="", share=1):
    host = os.environ["CALLSHEET_HOST"]
    note(plugin, event, " %s called" % host, part)
    time.sleep(random.random() * LONGEST_S * share)
    note(plugin, event, " %s done" % host, part)
