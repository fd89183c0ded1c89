"""Whatever table or bytes come, the reader gives a data set that trains, or a ValueError of one sentence."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mbgd
from mbgd.data.own import read_sheet
from tests.data.own.test_read_csv import is_one_sentence

OFTEN = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
CELLS = st.one_of(
    st.integers(-3, 3).map(str),
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.sampled_from(["", "NA", "1,5", "1.234,5", "yes", "no", "1e400", "0x1F", "−3", "<b>", '"', "a;b", "🙂", "=1+1"]),
    st.text(max_size=6),
)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.just(pd.NaT), st.just(10**5000)
)


def read_or_refused(make):
    """The data set that make() gives, checked; None if it was refused in one sentence."""
    try:
        dataset = make()
    except ValueError as refused:
        is_one_sentence(refused)
        return None
    for array in (dataset.X_train, dataset.X_val, dataset.Y_train, dataset.Y_val):
        assert np.isfinite(array).all()
    assert len(set(dataset.feature_names)) == dataset.X_train.shape[1] <= 200
    run = mbgd.Training(dataset, mbgd.Settings(batch_size=4, epochs=1, learning_rate=1e-3, hidden=(3,)))
    assert all(np.isfinite(update.loss) for update in run)
    assert len(mbgd.predict(run, dataset.inputs.restore(dataset.X_val))) == len(dataset.X_val)
    return dataset


@OFTEN
@given(data=st.data())
def test_any_table_as_csv(data):
    width = data.draw(st.integers(1, 4))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=8, max_size=30))
    quote = data.draw(st.sampled_from(["", '"']))
    delimiter, end = data.draw(st.sampled_from(",;\t|")), data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    lines = [delimiter.join(quote + cell.replace('"', '""' if quote else '"') + quote for cell in row) for row in rows]
    text = end.join([delimiter.join("abcd"[:width]), *lines])
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    read_or_refused(lambda: mbgd.read_csv(text.encode(encoding, "replace"), target="a", missing="mean"))


@OFTEN
@given(data=st.one_of(st.binary(max_size=400), st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes(data):
    try:
        sheet = read_sheet(data)
    except ValueError as refused:
        is_one_sentence(refused)
    else:
        assert sheet.rows >= 10
        assert len(sheet.columns) >= 2


@OFTEN
@given(data=st.data(), missing=st.sampled_from(["drop", "mean"]), classes=st.sampled_from([None, True, False]))
def test_any_frame(data, missing, classes):
    rows = data.draw(st.integers(8, 24))
    one = st.sampled_from([st.integers(), st.floats(), st.booleans(), st.text(max_size=3), VALUES])
    columns = data.draw(st.lists(one, min_size=1, max_size=4))
    drawn = [data.draw(st.lists(column, min_size=rows, max_size=rows)) for column in columns]
    frame = pd.DataFrame({i: pd.Series(values, dtype=object).infer_objects() for i, values in enumerate(drawn)})
    read_or_refused(lambda: mbgd.from_frame(frame, target=0, missing=missing, classes=classes))


@OFTEN
@given(
    scale=st.floats(-300, 300).map(lambda power: 10.0**power),
    offset=st.floats(-1e3, 1e3),
    seed=st.integers(0, 9),
)
def test_any_unit_is_scaled(scale, offset, seed):
    rng = np.random.default_rng(seed)
    X = (rng.normal(size=(30, 2)) + offset) * scale
    dataset = read_or_refused(lambda: mbgd.from_arrays(X, X[:, :1]))
    if dataset is not None:
        np.testing.assert_allclose(dataset.X_train.std(axis=0), 1.0, rtol=1e-6)


def test_a_planted_fault_is_seen():
    def fails():
        raise KeyError("x")

    with pytest.raises(KeyError):
        read_or_refused(fails)
