"""The engine compared with PyTorch and scikit-learn: the differences of the final weights, and the seconds.

    pip install -r requirements-frameworks.txt
    python -m benchmarks.frameworks [--write]

All start from the same weights and make the same updates on the same batches. They take turns, and the median of the
rounds counts. Each import is timed in fresh interpreters. --write writes the tables to benchmarks/frameworks.md, and
the numbers to a file that the page Frameworks shows if the frameworks are not installed.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

import mbgd  # first: it sets one BLAS thread
from mbgd.experiments.frameworks.comparison import OURS, RECORDED, RENUMBERED, compare
from mbgd.experiments.frameworks.peers import FRAMEWORKS, installed, objection, version
from mbgd.experiments.step import finish

ROUNDS = 9
CASES = [
    ("diabetes", (16,), 16, 100),
    ("diabetes", (64, 64), 128, 300),
    ("digits", (64,), 32, 50),
    ("digits", (256, 256), 512, 20),
]
IMPORTS = {OURS: "mbgd", "PyTorch": "torch", "scikit-learn": "sklearn.neural_network"}


def measure(name: str, hidden: tuple[int, ...], batch_size: int, epochs: int) -> dict[str, Any]:
    """The record of one case: for each program the difference of its final weights from ours, and its seconds."""
    dataset = mbgd.load(name)
    settings = mbgd.Settings(batch_size, epochs, 0.02, hidden)
    makers = {peer: FRAMEWORKS[peer].make for peer in installed() if not objection(peer, dataset, settings.activation)}
    comparison = finish(compare(dataset, settings, makers, ROUNDS))
    sizes = "-".join(map(str, (dataset.X_train.shape[1], *hidden, dataset.Y_train.shape[1])))
    return {
        "case": f"{name}, network {sizes}, B = {batch_size}",
        "updates": comparison.updates,
        "rounding": comparison.difference(RENUMBERED),
        "programs": {
            program: {
                "difference": 0.0 if program == OURS else comparison.difference(program),
                "seconds": statistics.median(seconds.tolist()),
            }
            for program, seconds in comparison.seconds.items()
        },
    }


def import_seconds(module: str) -> float:
    """Seconds to import a module: the median of five fresh interpreters."""
    code = f"from time import perf_counter as now; started = now(); import {module}; print(now() - started)"
    run = [sys.executable, "-c", code]
    return statistics.median(float(subprocess.run(run, capture_output=True, check=True).stdout) for _ in range(5))


def markdown(record: dict[str, Any]) -> str:
    """The record as Markdown tables."""
    lines = [
        "| case | program | weights differ from ours by | seconds | ÷ ours |",
        "|---|---|---|---|---|",
    ]
    for case in record["cases"]:
        ours = case["programs"][OURS]["seconds"]
        for program, seen in case["programs"].items():
            difference = "–" if program == OURS else f"{seen['difference']:.1e}"
            title = f"{case['case']}, {case['updates']:,} updates"
            lines.append(
                f"| {title} | {program} | {difference} | {seen['seconds']:.3f} | {seen['seconds'] / ours:.1f} |"
            )
        lines.append(f"| {title} | {OURS}, {RENUMBERED} | {case['rounding']:.1e} | | |")
    lines += ["", "| program | version | seconds to import |", "|---|---|---|"]
    lines += [f"| {program} | {record['versions'][program]} | {s:.2f} |" for program, s in record["imports"].items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print the tables, and write them with --write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write benchmarks/frameworks.md and the page's record")
    arguments = parser.parse_args()
    missing = FRAMEWORKS.keys() - installed()
    if missing:
        sys.exit(f"{' and '.join(sorted(missing))} not installed: pip install -r requirements-frameworks.txt")
    record = {
        "date": str(date.today()),
        "python": platform.python_version(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, one thread each",
        "versions": {OURS: f"NumPy {np.__version__}"} | {name: version(name) for name in FRAMEWORKS},
        "imports": {program: import_seconds(module) for program, module in IMPORTS.items()},
        "cases": [measure(*case) for case in CASES],
    }
    print(markdown(record))
    if arguments.write:
        RECORDED.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        about = f"Python {record['python']}, {record['machine']}, {record['date']}"
        text = f"# The engine compared with frameworks\n\n`python -m benchmarks.frameworks --write`, {about}.\n\n"
        Path(__file__).with_suffix(".md").write_text(text + markdown(record), encoding="utf-8")


if __name__ == "__main__":
    main()
