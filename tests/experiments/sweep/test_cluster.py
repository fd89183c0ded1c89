"""A Dask cluster of real processes: the same numbers, a lost worker, another version, a scheduler that is gone."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from mbgd import load
from mbgd.experiments.sweep import Sweep, run_sweep
from mbgd.experiments.sweep.cluster import Cluster
from mbgd.experiments.sweep.version import version_here
from tests.experiments.sweep import calls
from tests.experiments.sweep.test_runs import grid, runs_of, same

HOUSE = Path(__file__).parents[3]
QUIET = {
    "DASK_DISTRIBUTED__SCHEDULER__DASHBOARD__STATUS__TASK_STREAM_LENGTH": "1",
    "DASK_DISTRIBUTED__WORKER__DAEMON": "False",
    "DASK_LOGGING__DISTRIBUTED": "error",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(*arguments, house=HOUSE):
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    environment = os.environ | QUIET | {"PYTHONPATH": str(house), "PYTHONWARNINGS": "ignore"}
    silent = subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, cwd=house, stdout=silent, stderr=silent)


def scheduler(port):
    return start("dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show")


def worker(port, house=HOUSE):
    options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
    return start("dask_worker", f"tcp://127.0.0.1:{port}", *options, house=house)


def end(*processes):
    for process in processes:
        process.kill()
        process.wait()


def connect(address, workers=1, seconds=30):
    """A Cluster, once it answers and has so many workers."""
    until = time.monotonic() + seconds
    while True:
        try:
            cluster = Cluster(address, timeout=1)
        except ValueError as error:
            if "version" in str(error) or time.monotonic() > until:
                raise
        else:
            if cluster.cores >= workers or time.monotonic() > until:
                return cluster
            cluster.shutdown()
        time.sleep(0.1)


@pytest.fixture(scope="module")
def port():
    port = free_port()
    processes = [scheduler(port), worker(port), worker(port)]
    connect(f"tcp://127.0.0.1:{port}", workers=2).shutdown()
    yield port
    end(*processes)


@pytest.fixture
def cluster(port):
    with connect(f"tcp://127.0.0.1:{port}") as cluster:
        yield cluster


def test_a_cluster_gives_the_same_numbers_bit_for_bit(cluster):
    data, asked = partial(load, "moons", n=60), grid()
    here, there = runs_of(run_sweep(data, asked)), runs_of(run_sweep(data, asked, cluster))
    assert len(there) == asked.runs
    assert all(same(here[key], there[key]) for key in here)


def test_a_killed_worker_loses_nothing(tmp_path, port, cluster):
    data, asked = partial(calls.deadly, str(tmp_path)), grid()
    (tmp_path / "killed0").touch()  # this seed is made in this process, to see how large the data are
    replacement = worker(port)
    try:
        sweep = Sweep(data, asked)
        for _ in sweep.go(cluster):
            pass
        assert (tmp_path / "killed3").exists()
        assert sweep.finished
        here = runs_of(run_sweep(partial(load, "moons", n=60), asked))
        assert all(same(here[key], run) for key, run in runs_of(sweep.cells.values()).items())
    finally:
        end(replacement)


def test_nobody_answers():
    with pytest.raises(ValueError, match="No Dask scheduler answers"):
        Cluster(f"tcp://127.0.0.1:{free_port()}", timeout=0.3)


@pytest.mark.parametrize("address", ["", "nonsense", "tcp://", "http://127.0.0.1:1"])
def test_an_address_that_is_none(address):
    with pytest.raises(ValueError, match=r"^[^\n]+\.$"):
        Cluster(address, timeout=0.3)


def test_a_worker_with_another_version_is_refused_with_both_named(tmp_path):
    shutil.copytree(HOUSE / "mbgd", tmp_path / "mbgd", ignore=shutil.ignore_patterns("ui", "__pycache__"))
    with (tmp_path / "mbgd/engine/losses.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    port = free_port()
    processes = [scheduler(port), worker(port, house=tmp_path)]
    try:
        with pytest.raises(ValueError, match=version_here()) as raised:
            connect(f"tcp://127.0.0.1:{port}")
        assert len(set(re.findall(r"\b[0-9a-f]{12}\b", str(raised.value)))) == 2
    finally:
        end(*processes)


def test_the_scheduler_is_gone_and_comes_back():
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    processes = [scheduler(port), worker(port)]
    sweep = Sweep(partial(load, "moons", n=60), grid(rates=(0.01, 0.02, 0.05), amount=2_000))
    try:
        with connect(address) as cluster:
            going = sweep.go(cluster)
            while not sweep.runs_done:
                next(going)
            processes[0].send_signal(signal.SIGKILL)
            with pytest.raises(ConnectionError, match="go on"):
                for _ in going:
                    pass
        done, cells = sweep.runs_done, dict(sweep.cells)
        assert 0 < done < sweep.grid.runs
        end(*processes)
        processes = [scheduler(port), worker(port)]
        with connect(address) as cluster:
            for _ in sweep.go(cluster):
                pass
        assert sweep.finished
        assert len(sweep.cells) == 9
        assert all(sweep.cells[key] is cell for key, cell in cells.items())
    finally:
        end(*processes)
