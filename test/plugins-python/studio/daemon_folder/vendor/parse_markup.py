"""A library that a plugin puts on the path by hand."""
import re


def strip(text):
    return re.sub("<[^>]+>", "", text)
