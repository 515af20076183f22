"""The part of the official client's inner modules that plugins import."""
