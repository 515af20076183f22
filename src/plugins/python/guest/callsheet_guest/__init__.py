"""The guest: what runs next to a plugin's code in a process of its own. Standard library only, Python 3.8 or newer."""
