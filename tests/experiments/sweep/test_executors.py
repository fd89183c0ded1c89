"""The pool of processes: the same numbers, and what happens when a process is killed, cancelled, idle or too slow."""

import os
import signal
import time
from concurrent.futures import wait
from functools import partial

import pytest

from mbgd import load
from mbgd.experiments.sweep import Sweep, run_sweep
from mbgd.experiments.sweep.executors import Workers
from tests.experiments.sweep import calls
from tests.experiments.sweep.test_runs import grid, runs_of, same


@pytest.fixture(scope="module")
def pool():
    with Workers(2) as workers:
        yield workers


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_pool_gives_the_same_numbers_bit_for_bit(pool):
    data, asked = partial(load, "moons", n=60), grid()
    here, there = runs_of(run_sweep(data, asked)), runs_of(run_sweep(data, asked, pool))
    assert len(there) == asked.runs
    assert all(same(here[key], there[key]) for key in here)


def test_calls_run_in_other_processes_and_may_fail_or_print(pool):
    assert pool.submit(calls.pid).result(10) != os.getpid()
    assert pool.submit(calls.noisy).result(10) == 7
    with pytest.raises(ValueError, match="no"):
        pool.submit(calls.fail).result(10)
    assert pool.submit(calls.noisy).result(10) == 7


def test_a_killed_process_loses_nothing(tmp_path, pool):
    before = pool.again
    (tmp_path / "killed0").touch()  # this seed is made in this process, to see how large the data are
    sweep = Sweep(partial(calls.deadly, str(tmp_path)), grid())
    for _ in sweep.go(pool):
        pass
    assert sweep.finished
    assert len(sweep.cells) == 6
    assert pool.again > before
    here = runs_of(run_sweep(partial(load, "moons", n=60), grid()))
    assert all(same(here[key], run) for key, run in runs_of(sweep.cells.values()).items())


def test_a_task_whose_process_is_killed_from_outside_is_run_again(tmp_path, pool):
    before, noted = pool.again, tmp_path / "pids"
    future = pool.submit(calls.sleep, 0.3, str(noted))
    until(noted.exists)
    os.kill(int(noted.read_text().split()[0]), signal.SIGKILL)
    assert future.result(10) == int(noted.read_text().split()[1])
    assert pool.again == before + 1


def test_a_task_that_always_kills_its_process_is_given_up(pool):
    with pytest.raises(ChildProcessError, match="3 times"):
        pool.submit(os.abort).result(20)


def test_a_cancelled_task_really_stops(tmp_path, pool):
    noted = tmp_path / "pids"
    future = pool.submit(calls.sleep, 60, str(noted))
    until(noted.exists)
    until(lambda: noted.read_text().endswith("\n"))
    worker = int(noted.read_text())
    assert future.cancel()
    until(lambda: not alive(worker))
    assert pool.submit(calls.noisy).result(10) == 7


def test_a_task_that_takes_too_long_is_ended():
    with Workers(1, limit=1.0) as workers:
        assert workers.submit(calls.noisy).result(10) == 7
        with pytest.raises(TimeoutError, match="longer than 1 s"):
            workers.submit(calls.sleep, 60).result(10)
        assert workers.submit(calls.noisy).result(10) == 7


def test_an_idle_pool_ends_its_processes_and_starts_again():
    with Workers(2, idle=0.1) as workers:
        assert workers.processes == []
        first = workers.submit(calls.pid).result(10)
        until(lambda: workers.processes == [])
        until(lambda: not alive(first))
        assert workers.submit(calls.pid).result(10) != first


def test_no_more_processes_than_asked_for():
    with Workers(1) as workers:
        futures = [workers.submit(calls.pid) for _ in range(5)]
        wait(futures, 10)
        assert len({future.result() for future in futures}) == 1


def test_a_closed_pool_stops_at_once_and_takes_nothing_more(tmp_path):
    noted = tmp_path / "pids"
    workers = Workers(1)
    futures = [workers.submit(calls.sleep, 60, str(noted)) for _ in range(3)]
    until(noted.exists)
    began = time.monotonic()
    workers.shutdown()
    assert time.monotonic() - began < 3
    assert all(future.cancelled() for future in futures)
    with pytest.raises(RuntimeError, match="shut down"):
        workers.submit(calls.pid)


@pytest.mark.parametrize("count", [0, 65, 1.5])
def test_a_bad_number_of_processes(count):
    with pytest.raises(ValueError, match="workers must be"):
        Workers(count)
