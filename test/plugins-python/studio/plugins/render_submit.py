"""Starts programs, threads and processes, and leaves a program behind."""
import multiprocessing
import os
import subprocess
import sys
import threading


def registerCallbacks(reg):
    reg.registerCallback(os.environ["SG_EVENTS_NAME"], os.environ["SG_EVENTS_KEY"], submit, {"Shotgun_Version_New": None})


def submit(sg, logger, event, args):
    said = subprocess.check_output([sys.executable, "-c", "print('job 12')"]).decode("utf-8").strip()
    subprocess.call(["sh", "-c", "echo from the shell"])
    version_id = event["meta"]["entity_id"]
    found = {}

    def look(field):
        found[field] = sg.find_one("Version", [["id", "is", version_id]], [field])[field]

    threads = [threading.Thread(target=look, args=(field,)) for field in ("code", "sg_status_list", "project")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        squares = pool.map(square, [1, 2, 3])
    with multiprocessing.get_context("fork").Pool(1) as pool:
        code = pool.apply(code_of, (sg, version_id))
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with open(os.path.join(os.environ["SHOTS_ROOT"], "left.pid"), "w") as file:
        file.write(str(left.pid))
    logger.info("%s for %s, %s, %s, %s", said, found["code"], found["project"]["name"], squares, code == found["code"])


def square(number):
    return number * number


def code_of(sg, version_id):
    return sg.find_one("Version", [["id", "is", version_id]], ["code"])["code"]
