"""Your own data: uploaded or pasted, chosen, used on every page, seen by this session alone."""

import json
from html import escape

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mbgd.data.own import prepare, read_sheet
from mbgd.share.choices import DEFAULT
from mbgd.ui.frame import own
from mbgd.ui.frame.menu import PAGES
from mbgd.ui.frame.sidebar import cached_load
from mbgd.ui.kit import draw
from tests.data.own.files import airfoil, european, table, titanic, wine
from tests.pages.app import APP, charts, healthy, html, linked_page, other_page, press, run_of, told
from tests.pages.app import rows as cells_of_tables

DATA = "pages/data.py"
MARKUP = '<img src=x onerror="alert(1)"><script>alert(1)</script>[x](javascript:alert(1))$x$:material/delete:'


def opened() -> AppTest:
    """The page Data with the fold for own data open."""
    at = linked_page(DATA)
    at.session_state["own_fold"] = True
    return healthy(at.run())


def uploaded(data: bytes, name: str = "table.csv") -> AppTest:
    at = opened()
    at.get("file_uploader")[0].upload(name, data, "text/csv")
    return healthy(at.run())


def pasted(text: str, at: AppTest | None = None) -> AppTest:
    at = at or opened()
    healthy(at.text_area(key="own_paste").set_value(text).run())
    return press(at, "own_read")


def widget(at: AppTest, kind: str, start: str):
    """The only widget of this kind whose key starts like this; None if there is none."""
    found = [one for one in at.get(kind) if one.key and one.key.startswith(start)]
    assert len(found) < 2
    return found[0] if found else None


def target(at: AppTest, name: str) -> AppTest:
    return healthy(widget(at, "selectbox", "own_target").set_value(name).run())


def brought(data: bytes, goal: str, classes: bool | None = None, file: str = DATA) -> AppTest:
    """A page in a session that already uses this table."""
    at = AppTest.from_file(APP, default_timeout=30)
    at.session_state[own.PREPARED] = prepare(read_sheet(data), goal, None, classes)
    at.query_params["data"] = "own"
    return other_page(at, file)


def rows(at: AppTest):
    return at.dataframe[-1].value


# --- bringing ---


def test_an_uploaded_file_is_previewed_chosen_and_used():
    at = target(uploaded(titanic(), "titanic.csv"), "Age")
    preview = {cells[0]: cells[1:] for cells in cells_of_tables(at) if len(cells) == 4}
    assert preview["Age"][0] == "48 different numbers, 12 gaps"
    assert preview["Sex"][1] == "male, female"
    features = widget(at, "multiselect", "own_features")
    assert features.value == ["PassengerId", "Survived", "Pclass", "Sex", "Embarked"]
    healthy(features.set_value(["Pclass", "Sex"]).run())
    at = press(at, "own_use")
    assert list(rows(at).columns) == ["split", "Age", "Pclass", "Sex = female", "Sex = male"]
    assert len(rows(at)) == 48
    assert at.query_params["data"] == "own"
    assert at.selectbox(key="choose_data").value == "own"
    other_page(at, "app.py")
    press(at, "step_update")
    assert run_of(at).training.updates_done == 1
    assert run_of(at).dataset.feature_names == ("Pclass", "Sex = female", "Sex = male")


def test_the_preview_names_what_stands_for_a_gap():
    at = uploaded(table("a,b,y", lambda i: f"{i},{'k.A.' if i < 2 else i},{i}", 30))
    assert ["b", "28 different numbers, 2 gaps (k.A.)"] in [cells[:2] for cells in cells_of_tables(at)]


def test_a_pasted_table_is_read():
    at = press(pasted(european().decode("cp1252")), "own_use")
    assert list(rows(at).columns) == ["split", "Preis", "Größe", "Länge"]
    np.testing.assert_allclose(rows(at)["Preis"].iloc[0], 1001.5)


def test_gaps_can_be_filled():
    at = target(uploaded(titanic()), "Pclass")
    healthy(widget(at, "radio", "own_gaps").set_value("mean").run())
    healthy(widget(at, "radio", "own_classes").set_value("amounts").run())
    assert len(rows(press(at, "own_use"))) == 60


@pytest.mark.parametrize(("answer", "loss"), [("classes", "cross_entropy"), ("amounts", "mse")])
def test_a_target_of_few_whole_numbers_is_asked_about(answer, loss):
    at = uploaded(wine())
    question = widget(at, "radio", "own_classes")
    assert question.value is None
    assert at.button(key="own_use").disabled
    healthy(question.set_value(answer).run())
    at = press(at, "own_use")
    assert own_dataset(at).loss == loss


def own_dataset(at: AppTest):
    """The data set that the session made from its own data."""
    return at.session_state[own.SPLIT][1]


def test_a_target_of_numbers_or_words_is_not_asked_about():
    assert widget(uploaded(airfoil()), "radio", "own_classes") is None
    assert widget(target(uploaded(titanic()), "Sex"), "radio", "own_classes") is None


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"a,b\n", MARKUP.encode()])
def test_a_bad_file_is_one_sentence_and_the_page_goes_on(data):
    at = uploaded(data)
    kinds = [kind for kind, _ in told(at)]
    assert kinds.count("bad") == 1
    assert "<script>alert" not in html(at)
    assert widget(at, "selectbox", "own_target") is None
    assert own.PREPARED not in at.session_state
    at = pasted(airfoil().decode(), at)
    assert [kind for kind, _ in told(at)].count("bad") == 0


def test_a_table_without_a_target_says_so():
    at = uploaded(table("a,b", lambda i: f"word {i},the {i}th", 30))
    assert [kind for kind, _ in told(at)] == ["bad"]


@pytest.mark.parametrize("cell", ["5", "word", "word {i}", ""])
def test_a_last_column_that_cannot_be_the_target_is_said(cell):
    at = uploaded(table("a,b,last", lambda i: f"{i},{i * i},{cell.format(i=i)}", 30))
    assert [(kind, "'last'" in text) for kind, text in told(at)] == [("changed", True)]
    assert widget(at, "selectbox", "own_target").options == ["a", "b"]


def test_no_features_no_button():
    at = uploaded(airfoil())
    healthy(widget(at, "multiselect", "own_features").set_value([]).run())
    assert at.button(key="own_use").disabled


def test_what_cannot_be_used_is_one_sentence():
    at = target(uploaded(table("a,b", lambda i: f"{i if i < 5 else ''},{i}", 30)), "b")
    at = press(at, "own_use")
    assert [kind for kind, _ in told(at)] == ["bad"]
    assert at.session_state["choices"].data == DEFAULT.data


def used_now(at: AppTest) -> bool:
    """Whether the page says that all pages use what is shown."""
    return "good" in [kind for kind, _ in told(at)]


def test_it_is_said_to_be_used_only_while_it_is_shown():
    at = target(uploaded(titanic()), "Age")
    assert not used_now(at)
    assert used_now(press(at, "own_use"))
    assert not used_now(target(at, "Sex"))
    assert used_now(target(at, "Age"))
    assert used_now(press(target(at, "Sex"), "own_use"))
    features = widget(at, "multiselect", "own_features")
    assert not used_now(healthy(features.set_value([]).run()))
    assert not used_now(pasted(airfoil().decode(), at))
    assert at.session_state["choices"].data == "own"
    assert used_now(press(at, "own_use"))


def test_a_choice_that_is_refused_is_not_said_to_be_used():
    at = press(target(uploaded(table("a,b,c", lambda i: f"{i if i < 5 else ''},{i},{-i}", 30)), "b"), "own_use")
    assert not used_now(at)
    assert used_now(press(healthy(widget(at, "multiselect", "own_features").set_value(["c"]).run()), "own_use"))
    assert not used_now(press(healthy(widget(at, "multiselect", "own_features").set_value(["a"]).run()), "own_use"))


def test_the_same_file_can_be_brought_again_after_it_was_forgotten():
    at = uploaded(titanic())
    before = at.get("file_uploader")[0].proto.id
    at = press(at, "own_forget")
    assert widget(at, "selectbox", "own_target") is None
    assert at.get("file_uploader")[0].proto.id != before
    at.get("file_uploader")[0].upload("table.csv", titanic(), "text/csv")
    assert widget(healthy(at.run()), "selectbox", "own_target") is not None


@pytest.mark.parametrize(("columns", "scrolls"), [(8, False), (12, False), (13, True)])
def test_the_preview_is_as_high_as_it_needs_and_scrolls_with_a_sign(columns, scrolls):
    at = uploaded(table(",".join(f"c{j}" for j in range(columns)), lambda i: ",".join([str(i)] * columns), 30))
    assert len([cells for cells in cells_of_tables(at) if len(cells) == 4]) >= columns
    assert any(f"{columns} columns" in text.value for text in at.caption) == scrolls


def test_a_large_table_is_sampled_and_said(monkeypatch):
    monkeypatch.setattr(own, "MOST_USED", 50)
    at = press(target(uploaded(table("a,b", lambda i: f"{i},{i * i}", 200)), "b"), "own_use")
    assert len(rows(at)) == 50
    assert "50 of the 200 rows" in html(at)


# --- what it is called ---


def used(at: AppTest, goal: str) -> AppTest:
    """Use the table with this target."""
    return press(target(at, goal), "own_use")


def test_headings_and_lists_name_file_and_target_as_text_and_charts_and_addresses_do_not():
    at = used(uploaded(titanic(), f"{MARKUP}.csv"), "Age")
    title = f"{MARKUP[:14]}…: Age"
    assert escape(title) in html(at)
    assert f"own ({title})" in at.selectbox(key="choose_data").options
    at = other_page(press(press(other_page(at, "app.py"), "step_update"), "pin"), DATA)
    at.session_state["own_fold"] = True
    at = press(other_page(used(healthy(at.run()), "Embarked"), "app.py"), "step_update")
    at = other_page(press(at, "pin"), "pages/runs.py")
    listed = at.multiselect(key="runs_chosen").options
    assert [MARKUP[:14] in one for one in listed] == [True, True]
    assert [one.partition("…: ")[2].partition(",")[0] for one in listed] == ["Age", "Embarked"]
    assert "<img src=x" not in html(at)
    assert charts(at)
    for spec, rows_drawn in charts(at):
        assert MARKUP[:14] not in json.dumps(spec)
        assert MARKUP[:14] not in str(rows_drawn.to_pylist())
    assert not any(MARKUP[:5] in text for text in at.query_params.values())


def test_train_names_the_data_of_the_run_and_those_that_were_chosen_since():
    at = used(uploaded(titanic(), f"{MARKUP}.csv"), "Age")
    at = other_page(press(other_page(at, "app.py"), "step_update"), DATA)
    at.session_state["own_fold"] = True
    at = other_page(used(healthy(at.run()), "Embarked"), "app.py")
    (note,) = [text for kind, text in told(at) if kind == "changed"]
    assert ": Age → " in note
    assert ": Embarked" in note
    assert "<img src=x" not in html(at)


def test_data_sets_of_one_file_and_target_have_titles_of_their_own_until_they_are_forgotten():
    at = used(uploaded(titanic(), "a\u202eb.csv"), "Age")
    healthy(widget(at, "multiselect", "own_features").set_value(["Sex"]).run())
    at = press(at, "own_use")
    assert list(at.session_state[own.TITLES].values()) == ["ab.csv: Age", "ab.csv: Age (2)"]
    assert "own (ab.csv: Age (2))" in at.selectbox(key="choose_data").options
    assert own.TITLES not in press(at, "own_forget").session_state


# --- where it stays ---


def test_it_survives_a_change_of_page_and_can_be_forgotten():
    at = press(target(uploaded(titanic()), "Age"), "own_use")
    before = rows(at)
    at = other_page(other_page(at, "app.py"), DATA)
    assert at.session_state["choices"].data == "own"
    assert rows(at).equals(before)
    at.session_state["own_fold"] = True
    assert widget(healthy(at.run()), "selectbox", "own_target").value == "Age"
    at = press(at, "own_forget")
    assert at.session_state["choices"].data == DEFAULT.data
    assert not any(key in at.session_state for key in (own.PREPARED, own.SPLIT, "own_sheet"))
    assert "own" not in at.selectbox(key="choose_data").options


def test_another_session_with_its_link_gets_the_default_and_a_sentence():
    mine = press(target(uploaded(titanic()), "Age"), "own_use")
    query = dict(mine.query_params)
    assert set(query) == {"data", "own"}
    theirs = linked_page("app.py", **query)
    assert theirs.session_state["choices"].data == DEFAULT.data
    assert told(theirs)[0][0] == "changed"
    assert not any("own" in option for option in theirs.selectbox(key="choose_data").options)
    assert theirs.query_params == {}


def test_a_link_to_other_data_than_mine_is_not_shown_with_mine():
    at = AppTest.from_file(APP, default_timeout=30)
    at.session_state[own.PREPARED] = prepare(read_sheet(titanic()), "Age")
    at.query_params["data"], at.query_params["own"] = "own", "f" * 16
    at = other_page(at, DATA)
    assert at.session_state["choices"].data == DEFAULT.data
    assert told(at)[0][0] == "changed"


def test_two_sessions_with_own_data_see_their_own():
    one, other = (
        brought(data, "y") for data in (table("a,y", lambda i: f"{i},{i}"), table("b,y", lambda i: f"{-i},{i}"))
    )
    one, other = healthy(one.run()), healthy(other.run())
    assert "a" in rows(one).columns
    assert "b" in rows(other).columns
    assert one.query_params["own"] != other.query_params["own"]


def test_no_cache_of_the_process_gets_it(monkeypatch):
    def refused(**options):
        assert options["name"] != "own"
        return cached_load(**options)

    monkeypatch.setattr("mbgd.ui.frame.sidebar.cached_load", refused)
    for page in PAGES:
        assert brought(titanic(), "Survived", True, page.file).session_state["choices"].data == "own"


def test_another_seed_splits_it_anew():
    at = brought(titanic(), "Age")
    before = list(rows(at)["split"])
    healthy(at.number_input(key="choose_seed").set_value(5).run())
    assert list(rows(at)["split"]) != before
    assert at.session_state["choices"].data == "own"


def test_a_split_from_which_nothing_can_be_learnt_is_a_sentence():
    data = table("a,y", lambda i: f"{i},{'ab'[i == 3]}", 20)
    at = brought(data, "y", file="app.py")
    for seed in range(8):
        healthy(at.number_input(key="choose_seed").set_value(seed).run())
        assert at.session_state["choices"].data in ("own", DEFAULT.data)


def test_a_large_network_on_many_rows_is_refused_in_a_sentence():
    data = table("a,y", lambda i: f"{i},{i * i}", 10_000)
    at = brought(data, "y", file="app.py")
    healthy(at.text_input(key="choose_hidden").set_value("256, 256").run())
    assert at.session_state["choices"].hidden == DEFAULT.hidden
    assert "bad" in [kind for kind, _ in told(at)]


# --- any table on any page ---

NAMES = ",".join('"' + f"{MARKUP}{i}".replace('"', '""') + '"' for i in range(4))
WORD = '"' + MARKUP.replace('"', '""')
TABLES = {
    "hostile classes": (table(NAMES, lambda i: f'{i},{i % 7},{WORD}{i % 3}",{WORD}{i % 2}"', 40), f"{MARKUP}3"),
    "hostile amounts": (table(NAMES, lambda i: f'{i},{i % 7},{WORD}{i % 3}",{WORD}{i % 2}"', 40), f"{MARKUP}0"),
    "wide": (
        table(",".join(f"c{j}" for j in range(200)), lambda i: ",".join(str((i * j) % 31) for j in range(1, 201)), 40),
        "c199",
    ),
    "20 classes": (table("x,z,y", lambda i: f"{i},{i * i % 17},k{i % 20}", 100), "y"),
    "one input": (table("x,y", lambda i: f"{i},{i * i}", 30), "y"),
    "one input, two classes": (table("x,y", lambda i: f"{i},{'ab'[i % 2]}", 30), "y"),
    "names of the page's own columns": (table("split,target,row,y", lambda i: f"{i},{-i},{i * i},{i}", 30), "target"),
    "tiny and huge": (table("x,y", lambda i: f"{i * 1e-15},{(-1) ** i * i * 1e298}", 30), "y"),
    "subnormal": (table("x,y", lambda i: f"{i * 1e-310},{i * 1e-300}", 30), "y"),
    "nanoseconds": (table("x,y", lambda i: f"{1_700_000_000_000_000_000 + i * 10**9},{i}", 30), "x"),
    "ten rows": (table("x,y", lambda i: f"{i},{'ab'[i % 2]}", 10), "y"),
}


OF_DATA = ("app.py", DATA, "pages/modes.py", "pages/shapes.py")  # what they draw depends on the columns


@pytest.mark.parametrize(
    ("name", "file"),
    [(name, page.file) for name in TABLES for page in PAGES if page.file in OF_DATA or name.startswith("hostile")],
)
def test_every_page_opens_with_it_and_shows_names_as_text(name, file):
    data, goal = TABLES[name]
    at = brought(data, goal, file=file)
    assert at.session_state["choices"].data == "own"
    source = html(at).replace("</script>", "")
    assert "<img src=x" not in source
    assert "<script>alert" not in source
    assert not any("javascript:" in text.value for text in [*at.markdown, *at.caption])


def test_no_chart_about_it_is_kept_by_the_process():
    caches = (draw.specification, draw._built, draw._as_sent, draw.caption_lines)
    linked_page("app.py")  # what charts of any data share is known now
    before = [cache.cache_info().misses for cache in caches]
    at = brought(titanic(), "Age", file=DATA)
    assert charts(at)
    for file in ("app.py", "pages/modes.py"):
        at = other_page(at, file)
    at = press(other_page(at, "app.py"), "step_update")
    assert "your own data" in json.dumps([spec for spec, _ in charts(at)]).replace("\\u00a0", " ")
    assert [cache.cache_info().misses for cache in caches] == before
    assert any(about[1] for about in at.session_state[draw.PRIVATE])
    healthy(at.selectbox(key="choose_data").set_value("spiral").run())
    assert draw.PRIVATE not in at.session_state


# --- taking a run home ---


def test_a_run_with_own_data_comes_home_with_a_file_of_its_rows():
    at = press(brought(wine(), "column 14", True, file="app.py"), "step_epoch")
    at.session_state["take_home"] = True
    at = healthy(at.run())
    assert [one.proto.id.rpartition("-")[2] for one in at.get("download_button")][-3:] == [
        "save_script",
        "save_notebook",
        "save_rows",
    ]
