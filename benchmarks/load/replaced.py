"""How soon a class has its runs back while its servers are replaced one after the other.

    python -m benchmarks.load.replaced [--servers 3]

Thirty learners train behind nginx; then each server process is ended and started again. A learner's browser connects
again at once, and the learner presses the button that trains the run again. It prints the seconds from the loss of a
connection until the run is where it was.
"""

import argparse
import asyncio
import statistics

from tests.browser.app import running_app
from tests.deploy.test_serve import class_while_all_servers_are_replaced


def main() -> None:
    """Print how many connections were lost, and the seconds until the runs were back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=int, default=3)
    servers = parser.parse_args().servers
    with running_app(servers=servers) as address:
        learners = asyncio.run(class_while_all_servers_are_replaced(address))
    back = [seconds for learner in learners for seconds in learner.back]
    errors = sum(len(learner.errors) for learner in learners)
    print(
        f"{servers} servers, {len(learners)} learners: {len(back)} times lost and back, median "
        f"{statistics.median(back):.1f} s, slowest {max(back):.1f} s, {errors} errors"
    )


if __name__ == "__main__":
    main()
