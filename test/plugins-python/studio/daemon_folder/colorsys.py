"""The studio's own module of this name; Python's library has one, too."""

STUDIO = "lighthouse"
