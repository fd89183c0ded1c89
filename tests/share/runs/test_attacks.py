"""Hostile and broken files: each is refused with one sentence, before anything is trained or kept."""

import json
import math
import pickle
import re
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest

from mbgd.experiments.runs.again import made_again
from mbgd.experiments.step import finish
from mbgd.share.runs.checking import check_data, check_weights
from mbgd.share.runs.reading import MOST_BYTES, read_run
from mbgd.share.runs.writing import to_json, to_npz
from tests.share.runs.made import fresh, trained, usual
from tests.ui.train.runs import data_of

TEXT = to_json(usual()).decode()


class Bomb:
    def __reduce__(self):
        return exec, ("raise SystemExit('a pickle was loaded')",)


def good() -> dict:
    return json.loads(TEXT)


def changed(*path, to):
    """The good file with one value changed, removed (to=DELETE) or added."""
    values = good()
    part = values
    for key in path[:-1]:
        part = part[key]
    if to is DELETE:
        del part[path[-1]]
    else:
        part[path[-1]] = to
    return json.dumps(values).encode()


DELETE = object()


def zipped() -> bytes:
    file = BytesIO()
    np.savez(file, x=np.array([Bomb()], dtype=object))
    return file.getvalue()


NO_RUNS = {
    "empty": b"",
    "white space": b"  \n ",
    "not text": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "a pickle": pickle.dumps(Bomb()),
    "an npz of weights": to_npz(usual()),
    "an npz with a pickle": zipped(),
    "utf-16": TEXT.encode("utf-16"),
    "cut off": TEXT.encode()[:-200],
    "too large": b"[" + b"1," * (MOST_BYTES // 2) + b"1]",
    "deeply nested lists": b"[" * 9_000 + b"]" * 9_000,
    "deeply nested parts": b'{"a":' * 900 + b"1" + b"}" * 900,
    "deeper": b"[" * 1_000_000,
    "many lists": b"[" + b"[]," * 100_000 + b"[]]",
    "many texts": b"[" + b'"",' * 100_000 + b'""]',
    "a list": b"[1, 2]",
    "a number": b"7",
    "null": b"null",
    "other JSON": b'{"name": "me"}',
    "a huge whole number": TEXT.replace('"schema": 1', '"schema": ' + "9" * 5_000).encode(),
    "a part twice": TEXT.replace('"kind"', '"kind": "mbgd run", "kind"', 1).encode(),
    "python code": b"__import__('os').system('true')",
    "a script": b"<script>alert(1)</script>",
}
VALUES = {
    "another kind": changed("kind", to="mbgd lesson"),
    "another schema": changed("schema", to=2),
    "a schema that is true": changed("schema", to=True),
    "a schema in text": changed("schema", to="1"),
    "a part too many": changed("__class__", to={}),
    "a part missing": changed("layers", to=DELETE),
    "a name that is a list": changed("name", to=["x"]),
    "a name that is long": changed("name", to="x" * 10_000),
    "a name with control characters": changed("name", to="a\x00\x1b[31m"),
    "a name with half a letter": changed("name", to="\ud800"),
    "versions that are text": changed("versions", to="3.12"),
    "an unknown data set": changed("choices", "data", to="iris"),
    "a path as data set": changed("choices", "data", to="../../etc/passwd"),
    "a choice that is a number": changed("choices", "seed", to=1),
    "an unknown choice": changed("choices", "order_seed", to="1"),
    "a choice missing": changed("choices", "rate", to=DELETE),
    "too many rows": changed("choices", "size", to="100000"),
    "too many units": changed("choices", "hidden", to="9999"),
    "too many layers": changed("choices", "hidden", to="4-4-4-4-4-4-4"),
    "too many epochs": changed("choices", "epochs", to="1000000000"),
    "a rate of NaN": changed("choices", "rate", to="nan"),
    "a noise that is huge": changed("choices", "noise", to="1e308"),
    "settings of another run": changed("settings", "seed", to=5),
    "settings that are a list": changed("settings", to=[]),
    "another loss": changed("data", "loss", to="hinge"),
    "rows that are none": changed("data", "rows_train", to=0),
    "rows that are huge": changed("data", "rows_train", to=10**30),
    "rows in a fraction": changed("data", "rows_train", to=32.0),
    "rates that do not begin at 0": changed("rates", to=[[3, 0.2]]),
    "rates that fall back": changed("rates", to=[[0, 0.2], [5, 0.1], [5, 0.2]]),
    "rates after the end": changed("rates", to=[[0, 0.2], [500, 0.1]]),
    "a rate beyond the slider": changed("rates", to=[[0, 1e300]]),
    "a rate beyond the slider, later": changed("rates", to=[[0, 0.2], [5, 1e300]]),
    "a rate below 0": changed("rates", to=[[0, -0.2]]),
    "a rate that is true": changed("rates", to=[[0, True]]),
    "a rate that is a huge whole number": changed("rates", to=[[0, 10**400]]),
    "no rates": changed("rates", to=[]),
    "very many rates": changed("rates", to=[[0, 0.2]] * 2_000),
    "updates below 0": changed("updates", to=-1),
    "updates that would take for ever": changed("updates", to=10**15),
    "updates in text": changed("updates", to="20"),
    "a failure elsewhere": changed("failed", to=900),
    "seconds that are NaN": changed("seconds", to=math.nan),
    "seconds that overflow": re.sub(r'"seconds": [^\[,]+', '"seconds": 1e999', TEXT, count=1).encode(),
    "infinity in the history": changed("history", "train_loss", 0, to=math.inf),
    "a text in the history": changed("history", "train_loss", 0, to="=1+1"),
    "a null in the history": changed("history", "val_loss", 1, to=None),
    "a history of two lengths": changed("history", "val_loss", to=[1.0]),
    "a history that goes back": changed("history", "updates", to=[5.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
    "an empty history": changed("history", "updates", to=[]),
    "a long history": changed("history", "updates", to=[0.0] * 100_000),
    "no weights": changed("layers", to=None),
    "a layer too few": changed("layers", to=good()["layers"][:1]),
    "weights of another shape": changed("layers", 0, "W", to=[[1.0, 2.0]] * 3),
    "rows of two lengths": changed("layers", 0, "W", 0, to=[1.0]),
    "weights that are text": changed("layers", 0, "b", 0, to="0.5"),
    "weights that are true": changed("layers", 0, "b", 0, to=True),
    "weights that are NaN": changed("layers", 0, "b", 0, to=math.nan),
    "weights that are lists": changed("layers", 0, "b", 0, to=[0.5]),
    "weights of four thousand digits": changed("layers", 0, "b", 0, to=10**4_000),
    "another activation": changed("layers", 0, "activation", to="exec"),
    "a layer of numbers": changed("layers", 0, to=3),
}


@pytest.mark.parametrize("file", [*NO_RUNS.values(), *VALUES.values()], ids=[*NO_RUNS, *VALUES])
def test_a_hostile_file_is_refused_with_one_sentence(file):
    with pytest.raises(ValueError, match=r"\.$") as refused:
        read_run(file)
    sentence = str(refused.value)
    assert type(refused.value) is ValueError
    assert 20 < len(sentence) < 420
    assert not re.search(r"\. [A-Z]", sentence)
    assert "\n" not in sentence


def test_the_table_is_long_and_the_good_file_is_read():
    assert len(NO_RUNS) + len(VALUES) > 60
    assert read_run(TEXT.encode()).updates == 20
    assert read_run(json.dumps(good()).encode("utf-8-sig")).updates == 20


def test_a_file_of_many_parts_is_not_even_parsed(monkeypatch):
    monkeypatch.setattr(json, "loads", lambda *_, **__: pytest.fail("it was parsed"))
    for name in ("too large", "deeper", "many lists", "many texts", "empty"):
        with pytest.raises(ValueError, match=r"\.$"):
            read_run(NO_RUNS[name])


def test_a_number_that_is_none_is_named():
    for name, number in (("weights that are NaN", "NaN"), ("infinity in the history", "Infinity")):
        with pytest.raises(ValueError, match=number):
            read_run(VALUES[name])


def test_a_network_that_is_too_large_for_its_rows_is_refused():
    values = good()
    values["choices"]["hidden"] = "-".join(["256"] * 6)
    values["data"]["rows_train"] = 2_001
    with pytest.raises(ValueError, match=r"1,536.*2,001"):
        read_run(json.dumps(values).encode())


# --- what only the data, or the run made again, can tell ---


def refused(run, again=None):
    with pytest.raises(ValueError, match=r"changed") as found:
        check_weights(run, again) if again else check_data(run, data_of(run.choices))
    assert not re.search(r"\. [A-Z]", str(found.value))


def test_a_file_with_another_fingerprint_or_other_rows_is_refused():
    run = read_run(TEXT.encode())
    refused(replace(run, fingerprint="0" * 64))
    refused(replace(run, loss="mse"))
    refused(replace(run, rows_train=31))
    refused(replace(run, choices=replace(run.choices, seed=1)))


def test_more_updates_than_its_epochs_have_are_refused():
    run = read_run(TEXT.encode())
    refused(replace(run, updates=60 * 4 + 1))
    refused(replace(run, updates=60 * 4, failed=60 * 4 + 1))


def test_a_network_that_does_not_fit_the_data_is_refused():
    run = read_run(TEXT.encode())
    wide = [run.layers[0]._replace(W=np.zeros((4, 7))), *run.layers[1:]]
    refused(replace(run, layers=wide))


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e300])
def test_weights_that_the_settings_do_not_give_are_refused(size):
    run = read_run(TEXT.encode())
    again = finish(made_again(fresh(run, data_of(run.choices)), run.stages))
    assert check_weights(run, again) == 0
    W = run.layers[0].W.copy()
    W[1, 1] += size
    refused(replace(run, layers=[run.layers[0]._replace(W=W), *run.layers[1:]]), again)


def test_rounding_of_another_processor_is_let_pass_and_told():
    run = read_run(TEXT.encode())
    again = finish(made_again(fresh(run, data_of(run.choices)), run.stages))
    layers = [layer._replace(W=layer.W * (1 + 1e-13)) for layer in run.layers]
    assert 0 < check_weights(replace(run, layers=layers), again) < 1e-12


def test_a_run_that_ends_elsewhere_is_refused():
    run = read_run(TEXT.encode())
    training, _, _ = trained(19, batch=8)
    refused(run, training)
    refused(replace(run, failed=20), finish(made_again(fresh(run, data_of(run.choices)), run.stages)))
    refused(replace(run, failed=21), finish(made_again(fresh(run, data_of(run.choices)), [(21, 0.2)])))


# --- many small changes, drawn at random ---

ODD = [
    None,
    True,
    -1,
    0,
    1.5,
    1e308,
    10**400,
    "",
    "x",
    "9" * 50,
    [],
    {},
    [[]],
    [None],
    {"a": 1},
    "\x00",
    [1, "2"],
    -0.0,
]


def places(value, path=()):
    """Every place in nested lists and parts; of a long list, the first two."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, part in items:
        yield from places(part, (*path, key))


PLACES = [path for path in places(good()) if path]


def sentence(file):
    """What is said of a file; empty if it is a run on this data."""
    try:
        run = read_run(file)
        check_data(run, data_of(run.choices))
    except ValueError as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_no_odd_value_in_any_place_leads_to_anything_but_a_run_or_one_sentence(path):
    for odd in ODD:
        assert not re.search(r"\. [A-Z]|\n", sentence(changed(*path, to=odd)))


def test_no_damaged_byte_leads_to_anything_else_either():
    rng = np.random.default_rng(0)
    for _ in range(300):
        file = bytearray(TEXT.encode())
        for place in rng.integers(len(file), size=rng.integers(1, 6)):
            file[place] = rng.integers(256)
        assert not re.search(r"\. [A-Z]|\n", sentence(bytes(file)))
