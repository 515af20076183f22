"""Makes the folders of a new Shot. The callback is a method of an object that is kept."""
import os
import stat


class FolderCreator(object):
    template = "{root}/{project}/{sequence}/{shot}/{step}"
    steps = ("anim", "light", "comp")

    def __init__(self):
        self.made = 0

    def main(self, sg, logger, event, args):
        shot = sg.find_one(
            "Shot",
            [["id", "is", event["meta"]["entity_id"]]],
            ["code", "sg_sequence.Sequence.code", "project.Project.name"],
        )
        if not shot["sg_sequence.Sequence.code"]:
            return
        for step in self.steps:
            path = self.template.format(
                root=os.environ["SHOTS_ROOT"],
                project=shot["project.Project.name"],
                sequence=shot["sg_sequence.Sequence.code"],
                shot=shot["code"],
                step=step,
            )
            if not os.path.exists(path):
                os.makedirs(path)
                self.made += 1
        print("made %d folders for %s" % (self.made, shot["code"]))
        logger.info("mode %o, run in %s", stat.S_IMODE(os.stat(path).st_mode), os.getcwd())


def registerCallbacks(reg):
    reg.registerCallback(
        os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"], FolderCreator().main, {"Shotgun_Shot_New": None}
    )
