"""Files of each kind become data sets, and each bad file is refused in one sentence."""

import io

import numpy as np
import pytest

import mbgd
from mbgd.data.own import preview, read_sheet
from tests.data.own.files import airfoil, european, iris, table, titanic, wine


def is_one_sentence(error):
    text = str(error)
    assert text.endswith((".", ")."))
    assert "\n" not in text
    assert len(text) < 600
    assert not text.startswith(("[", "Traceback"))


def units(dataset):
    """Inputs and targets of all rows in their units, in the order of the file."""
    order = np.argsort(np.concatenate([dataset.rows_train, dataset.rows_val]))
    X = dataset.inputs.restore(np.concatenate([dataset.X_train, dataset.X_val]))[order]
    Y = dataset.targets.restore(np.concatenate([dataset.Y_train, dataset.Y_val]))[order]
    return X, Y


# --- files that people have ---


def test_tabs_without_a_header():
    dataset = mbgd.read_csv(airfoil(), target="column 6")
    assert dataset.feature_names == tuple(f"column {i}" for i in range(1, 6))
    assert dataset.loss == "mse"
    X, Y = units(dataset)
    told = np.array([line.split("\t") for line in airfoil().decode().splitlines()], dtype=float)
    np.testing.assert_allclose(np.hstack([X, Y]), told, rtol=1e-12)


def test_spaces_that_align_numbers():
    data = "".join(f"  {i:4d}   {i * i:8.2f}  {50 - i:5d}\n" for i in range(20)).encode()
    X, Y = units(mbgd.read_csv(data, target="column 3"))
    np.testing.assert_allclose(X[:3], [[0, 0], [1, 1], [2, 4]], atol=1e-12)
    np.testing.assert_allclose(Y[:2, 0], [50, 49])


def test_words_gaps_and_a_target_of_two_numbers():
    dataset = mbgd.read_csv(titanic(), target="Survived", classes=True)
    assert dataset.target_names == ("0", "1")
    assert dataset.feature_names == (
        *("PassengerId", "Pclass", "Sex = female", "Sex = male", "Age"),
        *("Embarked = C", "Embarked = Q", "Embarked = S"),
    )
    assert len(dataset.X_train) + len(dataset.X_val) == 48
    assert "12 rows" in dataset.source
    assert "'Name'" in dataset.source


def test_gaps_are_filled_with_the_mean_of_the_training_rows_alone():
    dataset = mbgd.read_csv(titanic(), target="Survived", missing="mean")
    X, _ = units(dataset)
    age = X[:, dataset.feature_names.index("Age")]
    rows = np.arange(1, 61)
    known = rows % 5 != 0
    train = np.isin(np.arange(60), dataset.rows_train)
    np.testing.assert_allclose(age[~known], (20 + rows / 2)[known & train].mean())
    assert "12 gaps" in dataset.source


def test_a_gap_among_words_gets_the_shares_of_the_training_rows():
    data = table("a,w,y", lambda i: f"{i},{['x', 'z', ''][i % 3]},{i}", 60)
    dataset = mbgd.read_csv(data, target="y", missing="mean")
    X, _ = units(dataset)
    rows, train = np.arange(60), np.isin(np.arange(60), dataset.rows_train)
    share = (rows % 3 == 0)[train & (rows % 3 < 2)].mean()
    np.testing.assert_allclose(X[rows % 3 == 2][:, 1:], np.broadcast_to([share, 1 - share], (20, 2)))


def test_rows_keep_their_numbers_in_the_file_when_others_are_left_out():
    dataset = mbgd.read_csv(table("a,y", lambda i: f"{i if i % 2 else ''},{i}", 40), target="y")
    _, Y = units(dataset)
    np.testing.assert_allclose(Y[:, 0], np.arange(1, 40, 2), atol=1e-12)
    assert sorted([*dataset.rows_train, *dataset.rows_val]) == list(range(1, 40, 2))


@pytest.mark.parametrize(("delimiter", "number"), [(";", 1.234), ("\t", 1234.0)])
def test_a_comma_before_three_digits_is_a_decimal_comma_only_beside_semicolons(delimiter, number):
    data = table(f"a{delimiter}b", lambda i: f"1,234{delimiter}{i}").replace(b"1,234", b"2,234", 1)
    np.testing.assert_allclose(read_sheet(data).column("a").values[1], number)


def test_what_few_letters_leave_open_is_western_european_and_much_czech_is_czech():
    data = table("µ (kg/m³);T (°C)", lambda i: f"{i};{i * i}")
    assert read_sheet(data.decode().encode("cp1252")).names == ("µ (kg/m³)", "T (°C)")
    text = "jméno;n\n" + "".join(f"Příliš žluťoučký kůň úpěl ďábelské ódy {i % 3};{i}\n" for i in range(40))
    assert "ďábelské" in read_sheet(text.encode("cp1250")).column("jméno").words[0]


@pytest.mark.parametrize("first", ["", "sep=;\r\n"])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_semicolons_and_decimal_commas_in_any_encoding(encoding, first):
    dataset = mbgd.read_csv(european(encoding, first=first), target="Preis")
    assert dataset.feature_names == ("Größe", "Länge")
    X, Y = units(dataset)
    np.testing.assert_allclose(X[0], [1.5, 2.25])
    np.testing.assert_allclose(Y[:2, 0], [1001.5, 1002.5])


@pytest.mark.parametrize(
    ("data", "target", "shape"), [(iris(), "column 5", (120, 4)), (wine(), "column 14", (142, 13))]
)
def test_the_files_of_scikit_learn(data, target, shape):
    dataset = mbgd.read_csv(data, target=target, classes=True)
    assert dataset.X_train.shape == shape
    assert dataset.target_names == ("0", "1", "2")
    assert mbgd.read_csv(data, target=target).loss == "mse"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_remarks_above_the_table_are_left_out(delimiter):
    rows = table("a,b,c", lambda i: f"{i},{i * i},{i % 7}").decode().replace(",", delimiter)
    sheet = read_sheet(f"# Measured in 2024\n\nby: us\n{rows}".encode())
    assert sheet.names == ("a", "b", "c")
    assert sheet.rows == 12
    assert "2 rows above" in sheet.notes[0]


def test_thousands_in_quotes():
    data = table("a,b", lambda i: f'"1,{i:03d}.5",{i}')
    np.testing.assert_allclose(units(mbgd.read_csv(data, target="b"))[0][:2, 0], [1000.5, 1001.5])


def test_a_path_an_open_file_and_bytes_are_the_same(tmp_path):
    path = tmp_path / "air.dat"
    path.write_bytes(airfoil())
    one, other, third = (
        mbgd.read_csv(source, target="column 6") for source in (path, io.BytesIO(airfoil()), airfoil())
    )
    assert one.recipe.fingerprint == other.recipe.fingerprint == third.recipe.fingerprint
    assert one.name == "air.dat"
    np.testing.assert_array_equal(one.X_train, third.X_train)


def test_an_unnamed_column_that_numbers_the_rows_is_left_out():
    dataset = mbgd.read_csv(table(",a,b", lambda i: f"{i},{i * i},{-i}"), target="b")
    assert dataset.feature_names == ("a",)


def test_delimiters_at_line_ends_make_no_column():
    assert read_sheet(table("a,b,", lambda i: f"{i},{i * i},")).names == ("a", "b")


def test_the_header_of_r_has_no_name_for_the_names_of_rows():
    sheet = read_sheet(table("a b", lambda i: f"{i + 1} {i * i} {-i}"))
    assert sheet.names == ("column 1", "a", "b")


# --- names ---

STRANGE = ["a.b", "a[0]", 'say "hi"', "🙂", "<script>alert(1)</script>", "it's", "a:b", "$x$", "__x__", "\\n"]


def test_strange_names_stay_as_they_are():
    header = ",".join('"' + name.replace('"', '""') + '"' for name in [*STRANGE, "y"])
    data = table(header, lambda i: ",".join(str(i * (j + 1)) for j in range(len(STRANGE))) + f",{i}")
    assert mbgd.read_csv(data, target="y").feature_names == tuple(STRANGE)


def test_double_and_empty_names_become_distinct():
    assert read_sheet(table("a,a,,a (2)", lambda i: f"{i},{-i},{i * i},x")).names == ("a", "a (3)", "column 3", "a (2)")


# --- refusals ---

ROWS = "\n".join(f"{i},{i * i}" for i in range(12))
BAD = {
    "empty": b"",
    "blank": b" \r\n\r\n",
    "only a mark": b"\xef\xbb\xbf",
    "header alone": b"a,b,c\n",
    "one column": b"a\n" + b"".join(b"%d\n" % i for i in range(20)),
    "all missing": table("a,b", lambda i: ","),
    "NA": table("a,b", lambda i: "NA,?"),
    "constant": table("a,b", lambda i: "1,2"),
    "nine rows": table("a,b", lambda i: f"{i},{i}", 9),
    "beyond float64": table("a,b", lambda i: f"1e400,{i}"),
    "mixed target": table("a,b", lambda i: f"{i},{i if i else 'x'}", 40),
    "image": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "spreadsheet": b"PK\x03\x04" + bytes(200),
    "old spreadsheet": b"\xd0\xcf\x11\xe0" + bytes(200),
    "nothing but bytes": bytes(range(256)) * 20,
    "web page": b"<!DOCTYPE html><table><tr><td>1</td></tr></table>",
    "json": b'[{"a": 1, "b": 2}, {"a": 3, "b": 4}]',
    "long row": f"a,b\n{ROWS}\n1,2,3\n".encode(),
    "much longer row": f"a,b\n{ROWS}\n1,2,3,4,5,6\n".encode(),
    "open quote": f'a,b\n{ROWS}\n"1,2\n'.encode(),
    "too large": b"a,b\n" + b"1,2\n" * 2_500_000,
    "too many rows": b"a,b\n" + b"1,2\n" * 100_001,
    "too many columns": table(",".join(f"c{i}" for i in range(201)), lambda i: ",".join(["1"] * 201)),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_in_one_sentence(data):
    with pytest.raises(ValueError, match=r".") as refused:
        mbgd.read_csv(data, target="b")
    is_one_sentence(refused.value)


@pytest.mark.parametrize(
    ("case", "limit"), [("too large", "10 MB"), ("too many rows", "100,000"), ("too many columns", "200")]
)
def test_a_limit_is_named(case, limit):
    with pytest.raises(ValueError, match=limit):
        mbgd.read_csv(BAD[case], target="b")


def test_a_spreadsheet_is_told_how_to_export():
    with pytest.raises(ValueError, match="CSV UTF-8"):
        mbgd.read_csv(BAD["spreadsheet"], target="b")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"target": "c"}, "'c'"),
        ({"target": "b", "missing": "zero"}, "'mean'"),
        ({"target": "b", "features": ["b"]}, "feature"),
        ({"target": "b", "features": []}, "list"),
        ({"target": "b", "features": "a"}, "list"),
        ({"target": "b", "features": ["a", "a"]}, "once"),
        ({"target": "b", "classes": "yes"}, "True or False"),
        ({"target": "w", "classes": False}, "words"),
        ({"target": "b", "classes": True}, "24"),
        ({"target": "b", "validation": 1.5}, "validation"),
        ({"target": "b", "seed": -1}, "seed"),
    ],
)
def test_a_bad_choice_is_refused_in_one_sentence(options, said):
    data = table("a,b,w", lambda i: f"{i},{i * i},{'xyz'[i % 3]}", 24)
    with pytest.raises(ValueError, match=said) as refused:
        mbgd.read_csv(data, **options)
    is_one_sentence(refused.value)


@pytest.mark.parametrize("path", ["/no/such/file.csv", "/", 3, None, "a\0b"])
def test_a_path_that_cannot_be_opened(path):
    with pytest.raises(ValueError, match=r".") as refused:
        mbgd.read_csv(path, target="b")
    is_one_sentence(refused.value)


# --- what a column is ---


def test_the_preview_says_what_each_column_becomes():
    seen = {column.name: column for column in preview(read_sheet(titanic()))}
    assert [seen[name].kind for name in ("Age", "Sex", "Name")] == ["numbers", "words", "words"]
    assert (seen["Age"].gaps, seen["Sex"].different) == (12, 2)
    assert seen["Name"].use.startswith("left out")


@pytest.mark.parametrize(
    ("cells", "asked"),
    [
        (lambda i: i % 2, True),
        (lambda i: i % 20, True),
        (lambda i: i % 21, False),
        (lambda i: i % 3 / 2, False),
        (lambda i: "xyz"[i % 3], False),
    ],
)
def test_a_target_of_few_whole_numbers_is_asked_about(cells, asked):
    from mbgd.data.own import asks

    sheet = read_sheet(table("a,b", lambda i: f"{i},{cells(i)}", 60))
    assert asks(sheet.column("b")) == asked


def test_numbers_with_a_few_words_are_left_out_and_said():
    data = table("a,b,y", lambda i: f"{i},{'unknown' if i == 7 else i * 3},{i}", 40)
    dataset = mbgd.read_csv(data, target="y")
    assert dataset.feature_names == ("a",)
    assert "'unknown' in row 8" in dataset.source


@pytest.mark.parametrize(
    "word", ["NA", "N/A", "n/a", "NaN", "NULL", "null", "?", "-", "--", "k.A.", "K. A.", "none", "None", "n.a."]
)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_word_for_a_gap_among_numbers_is_a_gap_counted_and_named(word, delimiter):
    number = "{}.5" if delimiter == "," else "{},5"
    rows = (f"{i}{delimiter}{word if i in (0, 7) else number.format(3 * i)}{delimiter}{i * i}" for i in range(40))
    sheet = read_sheet("\n".join([f"a{delimiter}rent{delimiter}y", *rows]).encode())
    seen = preview(sheet)[1]
    assert (seen.name, seen.kind, seen.different, seen.gaps, seen.gaps_as) == ("rent", "numbers", 38, 2, word)
    assert sheet.columns[1].values[1] == 3.5


def test_empty_cells_are_gaps_without_a_name_and_many_names_are_cut():
    words = ["", "-", "NA", "k.A.", "?"]
    seen = preview(read_sheet(table("a,b,c", lambda i: f"{i},{'' if i == 3 else i},{words[i] if i < 5 else i}", 30)))
    assert [(column.gaps, column.gaps_as) for column in seen] == [(0, ""), (1, ""), (5, "-, NA, k.A., …")]


@pytest.mark.parametrize("word", ["none", "None", "NONE", "-", "k.A."])
def test_among_words_a_word_for_nothing_is_a_word(word):
    column = read_sheet(table("a,pool,y", lambda i: f"{i},{[word, 'small', 'NA'][i % 3]},{i}", 30)).column("pool")
    assert set(column.words) == {word, "small"}
    assert (int(column.gaps.sum()), column.gaps_as) == (10, ("NA",))


def test_a_first_row_with_a_gap_among_numbers_is_no_header():
    sheet = read_sheet(table("3,k.A.,5", lambda i: f"{i},{i * 2},{i * 3}", 30))
    assert (sheet.rows, sheet.names[0]) == (31, "column 1")


# --- units of any size ---


@pytest.mark.parametrize(
    "cell",
    [
        lambda i: f"{1e-15 * (1 + 0.1 * np.sin(i)):.17g}",
        lambda i: 1_700_000_000_000_000_000 + 86_400_000_000_000 * i,
        lambda i: f"{(-1) ** i * 1e200 * (i + 1):.17g}",
        lambda i: f"{1e-300 * i:.17g}",
    ],
)
def test_units_of_any_size_are_scaled(cell):
    data = table("a,b,y", lambda i: f"{cell(i)},{i},{cell(i * i)}", 40)
    dataset = mbgd.read_csv(data, target="y")
    for array in (dataset.X_train, dataset.Y_train):
        np.testing.assert_allclose(array.std(axis=0), 1.0)
    run = mbgd.Training(dataset, mbgd.Settings(batch_size=8, epochs=5, learning_rate=0.01, hidden=(4,)))
    assert all(np.isfinite(update.loss) for update in run)
    assert np.isfinite(mbgd.predict(run, dataset.inputs.restore(dataset.X_val))).all()


def test_a_value_far_beyond_the_others_never_becomes_inf():
    data = table("a,y", lambda i: f"{1e200 if i == 5 else 1 + 1e-9 * i:.17g},{i % 7}", 40)
    for seed in range(6):
        try:
            dataset = mbgd.read_csv(data, target="y", seed=seed)
        except ValueError as refused:
            is_one_sentence(refused)
        else:
            assert np.abs(dataset.X_val).max() < 1e50


def test_a_column_that_never_changes_in_training_is_left_out():
    data = table("a,b,y", lambda i: f"{i},{int(i == 3)},{i}", 40)
    widths = {len(mbgd.read_csv(data, target="y", seed=seed, validation=0.5).feature_names) for seed in range(8)}
    assert widths == {1, 2}


# --- the fingerprint ---


def test_content_and_choices_each_change_the_fingerprint():
    def fingerprint(data=b"", **choices):
        data = data or titanic()
        return mbgd.read_csv(data, **({"target": "Survived"} | choices)).recipe.fingerprint

    prints = [
        fingerprint(),
        fingerprint(titanic(59)),
        fingerprint(target="Age"),
        fingerprint(classes=True),
        fingerprint(missing="mean"),
        fingerprint(features=["Age", "Pclass"]),
    ]
    assert len(set(prints)) == len(prints)
    assert all(len(one) == 64 for one in prints)
    assert fingerprint(seed=3, validation=0.4) == prints[0]
