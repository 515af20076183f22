# -*- coding: utf-8 -*-
"""Prints one state of the daemon as every pickler of Python 2 writes it: what python2-states.jsonl holds. For Python 2.7."""
import base64
import cPickle
import datetime
import json
import pickle
import platform

autumn = datetime.datetime(2026, 11, 1, 8, 4, 59, 10203)
spring = datetime.datetime(2026, 3, 29, 2, 30)
state = {
    "/studio/plugins": {"notify": (105, {102: autumn, 103: autumn, 99: spring}), "fresh": (None, {})},
    "/studio/plug-ins \xc3\xa9'\"\\": {"big": (2 ** 31 + 7, {2 ** 33: autumn}), "long": (12345678901L, {})},
    u"/studio/\u00fc\u20ac\\u0041\n": {u"one": (1, {})},
    "/empty": {},
}
for module in (pickle, cPickle):
    for protocol in (0, 1, 2):
        made = "%s of Python %s" % (module.__name__, platform.python_version())
        data = base64.b64encode(module.dumps(state, protocol))
        print(json.dumps({"made": made, "protocol": protocol, "base64": data}, sort_keys=True))
