"""`showroom` with real servers and one small program for all services; run by the tests."""

import sys

from stack import cli, detached, plan
from stack.process import Program


def services(settings):
    lines = "import time; time.sleep(600)"
    return [Program("worker", (sys.executable, "-c", lines))]


if __name__ == "__main__":
    plan.services = services
    detached.COMMAND = (sys.executable, __file__, "up")
    cli.main()
