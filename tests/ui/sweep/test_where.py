"""Where the runs are made, as the environment of the server says."""

import pytest

from mbgd.ui.sweep.where import executor, place


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in ("MBGD_CLUSTER", "MBGD_WORKERS"):
        monkeypatch.delenv(name, raising=False)


def test_without_settings_it_is_this_process():
    assert executor().result(0) is None


def test_a_pool_is_made_once(monkeypatch):
    monkeypatch.setenv("MBGD_WORKERS", "1")
    pool = executor().result(5)
    assert pool is not None
    assert executor().result(0) is pool
    assert "1 process of" in place()


@pytest.mark.parametrize("workers", ["many", "0", "-1", "1000"])
def test_a_bad_number_of_processes_gets_one_sentence(monkeypatch, workers):
    monkeypatch.setenv("MBGD_WORKERS", workers)
    with pytest.raises(ValueError, match=r"^[^\n]+\.$"):
        executor().result(5)


def test_a_cluster_comes_before_a_pool(monkeypatch):
    monkeypatch.setenv("MBGD_WORKERS", "1")
    monkeypatch.setenv("MBGD_CLUSTER", "nonsense")
    first = executor()
    with pytest.raises(ValueError, match="nonsense"):
        first.result(5)
    assert executor() is not first  # tried again
    assert "nonsense" in place()
