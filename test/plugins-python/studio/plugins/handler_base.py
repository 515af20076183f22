"""What the handlers of this folder have in common. No plugin."""


class Handler(object):
    entity_type = None

    def __call__(self, sg, logger, event, args):
        logger.debug("%s takes event %d", type(self).__name__, event["id"])
        entity = sg.find_one(self.entity_type, [["id", "is", event["meta"]["entity_id"]]], self.fields)
        self.handle(sg, logger, event, entity)

    def handle(self, sg, logger, event, entity):
        raise NotImplementedError
