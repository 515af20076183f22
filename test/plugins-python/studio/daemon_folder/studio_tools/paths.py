"""Where things are."""


def sequence_folder(name):
    return "/shots/%s" % name.lower()
