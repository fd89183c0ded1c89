"""The program that makes one picture of a chart: an order as JSON comes in, the picture goes out.

`figures` starts it as a process of its own, with this file alone, so nothing of mbgd is imported here.
"""

import json
import sys


def main() -> None:
    """Read the order, {"kind", "spec", "version", "inch"}, and write the bytes of the picture."""
    import vl_convert

    order = json.load(sys.stdin)
    known = vl_convert.get_vegalite_versions()
    version = order["version"] if order["version"] in known else known[-1]
    if order["kind"] == "svg":
        picture = vl_convert.vegalite_to_svg(order["spec"], vl_version=version).encode()
    else:
        picture = vl_convert.vegalite_to_png(order["spec"], vl_version=version, ppi=order["inch"])
    sys.stdout.buffer.write(picture)


if __name__ == "__main__":
    main()
