"""Keeps a duration field in step with two others. Looks at the site's schema before it registers anything."""
import os

import shotgun_api3


def registerCallbacks(reg):
    name = os.environ["SG_EVENTS_NAME"]
    key = os.environ["SG_EVENTS_KEY"]
    args = {
        "entity_type": "Shot",
        "head_field": "sg_cut_in",
        "tail_field": "sg_cut_out",
        "result_field": "sg_cut_duration",
    }
    sg = shotgun_api3.Shotgun(os.environ["SG_EVENTS_SITE"], script_name=name, api_key=key)
    if not is_valid(sg, reg.logger, args):
        reg.logger.warning("Plugin is not valid, will not register callback.")
        return
    for field in (args["head_field"], args["tail_field"]):
        reg.registerCallback(name, key, update_duration, {"Shotgun_%s_Change" % args["entity_type"]: field}, args)
    reg.logger.debug("Registered callbacks.")


def is_valid(sg, logger, args):
    for field in (args["head_field"], args["tail_field"], args["result_field"]):
        try:
            schema = sg.schema_field_read(args["entity_type"], field)
        except Exception as error:
            logger.warning("%s.%s: %s", args["entity_type"], field, error)
            return False
        if schema[field]["data_type"]["value"] != "number":
            logger.warning("%s.%s is of type %s.", args["entity_type"], field, schema[field]["data_type"]["value"])
            return False
    return True


def update_duration(sg, logger, event, args):
    entity_id = event["meta"]["entity_id"]
    fields = [args["head_field"], args["tail_field"], args["result_field"]]
    shot = sg.find_one(args["entity_type"], [["id", "is", entity_id]], fields)
    if shot is None or None in (shot[args["head_field"]], shot[args["tail_field"]]):
        return
    duration = shot[args["tail_field"]] - shot[args["head_field"]] + 1
    if shot[args["result_field"]] != duration:
        sg.update(args["entity_type"], entity_id, {args["result_field"]: duration})
        logger.info("duration of Shot %d is now %d", entity_id, duration)
