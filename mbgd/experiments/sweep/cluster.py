"""A Dask cluster as the executor of a sweep. Dask is optional: pip install -r requirements-cluster.txt."""

import importlib
import re
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Any

from mbgd.engine.checks import shown
from mbgd.experiments.sweep.version import version_here

ADDRESS = r"(tcp|tls|ws|wss)://[^\s/]+:\d+"
ANSWER = 5.0  # seconds in which a scheduler must answer


class Cluster(Executor):
    """The Dask cluster whose scheduler has this address, such as tcp://host:8786.

    Dask runs the tasks of a worker that is lost again on others. Raises ValueError if Dask is not installed, if nobody
    answers in `timeout` seconds, if there is no worker, and if a worker has another version of mbgd.
    """

    def __init__(self, address: str, timeout: float = ANSWER) -> None:
        self.address = address
        nobody = (
            f"No Dask scheduler answers at {shown(address)}: start one with `dask scheduler`, or give its address, "
            "such as tcp://host:8786."
        )
        if not re.fullmatch(ADDRESS, address):  # it would take Dask long to refuse some of them
            raise ValueError(nobody)
        try:
            distributed = importlib.import_module("distributed")
        except ModuleNotFoundError as error:
            raise ValueError(
                "A cluster needs Dask, which is not installed: pip install -r requirements-cluster.txt."
            ) from error
        try:
            self._client = distributed.Client(address, set_as_default=False, timeout=timeout)
        except (OSError, ValueError) as error:  # also TimeoutError
            raise ValueError(nobody) from error
        try:
            self._check_workers()
        except BaseException:
            self._client.close(timeout=1)
            raise
        self._executor = self._client.get_executor(pure=False, retries=3)

    @property
    def cores(self) -> int:
        """The threads of all workers together."""
        return sum(self._client.nthreads().values()) or 1

    @property
    def at_once(self) -> int:
        """As many tasks as keep it busy."""
        return 2 * self.cores

    def _check_workers(self) -> None:
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            raise ValueError(f"The scheduler at {self.address} has no workers: start one with `dask worker`.")
        try:
            versions = self._client.run(version_here)
        except Exception as error:
            raise ValueError(
                f"A worker of {self.address} can't import this mbgd ({error}): start it where this mbgd, version "
                f"{version_here()}, is installed."
            ) from error
        for worker, version in versions.items():
            _must_be(version_here(), version, worker)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a worker call fn with these arguments."""
        self.check()
        return self._executor.submit(call_of_version, version_here(), fn, *args, **kwargs)

    def check(self) -> None:
        """Raise ConnectionError if the scheduler is gone."""
        if self._client.status != "running" or self._client.scheduler_comm.comm.closed():
            raise ConnectionError(f"The Dask scheduler at {self.address} is gone. When it is back, go on.")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster, which goes on; tasks that are not done are dropped."""
        with suppress(Exception):  # a scheduler that is gone can't be told
            self._client.close(timeout=1)


def call_of_version(version: str, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call fn in a worker, if it has this version of mbgd: it may have joined after the others were checked."""
    _must_be(version, version_here(), "of the cluster")
    return fn(*args, **kwargs)


def _must_be(version: str, found: str, worker: str) -> None:
    if found != version:
        raise ValueError(
            f"The worker {worker} has version {found} of mbgd, and this is version {version}: start the worker with "
            "the same source."
        )
