"""A page's own choices in its address, so that a teacher can link to a part of a lesson."""

from html import unescape

import pytest

from mbgd.share.address import PARAMETERS
from mbgd.ui.frame.menu import PAGES
from tests.pages.app import healthy, html, linked_page, notes, other_page, told

LINKED = [
    ("app.py", {"speed": "full-speed"}, "speed", "full speed"),
    ("app.py", {"x": "seconds"}, "x_axis", "seconds"),
    ("app.py", {"log": "yes"}, "log_loss", True),
    ("app.py", {"logx": "yes"}, "log_x", True),
    ("pages/data.py", {"standardised": "yes"}, "standardised", True),
    ("pages/data.py", {"data": "diabetes", "column": "body-mass-index"}, "column_diabetes", 2),
    ("pages/modes.py", {"part": "the-noise-of-a-batch"}, "modes_part", "The noise of a batch"),
    ("pages/modes.py", {"lanes": "2-8-all"}, "race_sizes", [2, 8, 0]),
    ("pages/modes.py", {"seeds": "2"}, "race_seeds", 2),
    ("pages/modes.py", {"race_rate": "10"}, "race_rate_cross_entropy", 10.0),
    ("pages/modes.py", {"limit": "epochs", "run_epochs": "10"}, "race_epochs", 10),
    ("pages/modes.py", {"limit": "seconds", "run_seconds": "0.8"}, "race_seconds", 0.8),
    ("pages/modes.py", {"run_updates": "500"}, "race_updates", 500),
    ("pages/modes.py", {"scaled": "yes"}, "race_scaled", True),
    ("pages/modes.py", {"part": "on-the-loss-surface", "line_rate": "0.1"}, "surface_rate", 0.1),
    ("pages/modes.py", {"part": "on-the-loss-surface", "line_updates": "200"}, "surface_updates", 200),
    ("pages/modes.py", {"part": "on-the-loss-surface", "valley": "long"}, "surface_valley", "long"),
    (
        "pages/modes.py",
        {"data": "diabetes", "part": "on-the-loss-surface", "input": "age"},
        "surface_input_diabetes",
        0,
    ),
    ("pages/modes.py", {"part": "the-noise-of-a-batch", "draws": "50"}, "noise_draws", 50),
    ("pages/shapes.py", {"which": "last"}, "shape_batch", "last"),
    ("pages/shapes.py", {"view": "all-as-one-table"}, "shape_view", "all as one table"),
    ("pages/shapes.py", {"step": "dW1"}, "shape_step", "dW1"),
    ("pages/shapes.py", {"error": "targets"}, "shape_mistake", "targets"),
    ("pages/loop.py", {"rows": "4"}, "loop_batch", 4),
    ("pages/mistakes.py", {"mistake": "shuffled_apart"}, "mistake", "shuffled_apart"),
    ("pages/mistakes.py", {"mistake": "epochs", "of_rows": "77"}, "budget_rows", 77),
    ("pages/mistakes.py", {"mistake": "rate", "eta": "0.123"}, "edge_rate", 0.123),
    ("pages/gradient_check.py", {"mistake": "summed"}, "gradient_check_mistake", "summed"),
    ("pages/gradient_check.py", {"h": "0.001"}, "gradient_check_h", 0.001),
    ("pages/diagnose.py", {"sidebar": "yes"}, "diagnose_own", True),
    ("pages/diagnose.py", {"part": "what-helps", "decay": "0.1"}, "diagnose_decay", 0.1),
    ("pages/diagnose.py", {"part": "what-helps", "split": "train"}, "diagnose_split", "train"),
    ("pages/diagnose.py", {"part": "three-training-losses", "logy": "yes"}, "diagnose_log_y", True),
    ("pages/diagnose.py", {"stop": "yes", "patience": "10"}, "diagnose_patience", 10),
    ("pages/diagnose.py", {"logx": "no"}, "diagnose_log_x", False),
    ("pages/under_the_hood.py", {"tricks": "4"}, "tricks_on", 4),
]
# The page, what is asked, and what of it is used instead. None: nothing is.
BAD = [
    ("app.py", {"speed": "warp"}, "10-epochs-s"),
    ("app.py", {"x": "hours"}, "epochs"),
    ("app.py", {"log": "1"}, "no"),
    ("app.py", {"batch": "100000"}, "240"),
    ("app.py", {"batch": "0"}, "16"),
    ("app.py", {"bacth": "8"}, "batch=16"),
    ("app.py", {"Batch": "8"}, "batch=16"),
    ("app.py", {"epoch": "8"}, "epochs=100"),
    ("app.py", {"spede": "full-speed"}, "its own speed"),
    ("app.py", {"rows": "4"}, None),
    ("app.py", {"qqq": "4"}, None),
    ("app.py", {"rate": "nan"}, "0.2"),
    ("app.py", {"rate": "1e999"}, "0.2"),
    ("app.py", {"hidden": "16,,x"}, "16-16"),
    ("app.py", {"data": "iris"}, "spiral"),
    ("app.py", {"seed": "-1"}, "0"),
    ("app.py", {"shuffle": "true"}, "yes"),
    ("app.py", {"noise": "9"}, "The data set's own noise"),
    ("app.py", {"done": "cooking"}, None),
    ("app.py", {"done": "loop.cooking"}, "loop"),
    ("app.py", {"trained": "1501"}, None),
    ("app.py", {"trained": "20-0.1"}, None),
    ("app.py", {"<b>x</b>": "<i>y</i>"}, None),
    ("pages/data.py", {"column": "bmi"}, None),
    ("pages/data.py", {"data": "diabetes", "column": "size"}, "disease-progression"),
    ("pages/data.py", {"standardised": "perhaps"}, "no"),
    ("pages/data.py", {"standardized": "yes"}, "its own standardised"),
    ("pages/runs.py", {"runs": "1-2"}, None),
    ("pages/runs.py", {"one": "<b>3</b>"}, None),
    ("pages/runs.py", {"of_runs": "1"}, "its own runs"),
    ("pages/sweep.py", {"seeds": "0"}, "3"),
    ("pages/sweep.py", {"measure": "luck"}, "loss"),
    ("pages/engine.py", {"part": "the-race"}, None),
    ("pages/course.py", {"mistake": "summed"}, None),
    ("pages/course.py", {"glossary": "shut"}, None),
    ("pages/modes.py", {"part": "<b>x</b>"}, "the-race"),
    ("pages/modes.py", {"lanes": "1-7-all"}, "1-8-all"),
    ("pages/modes.py", {"lanes": "1-2-3-4-6-8-12-16"}, "1-8-all"),
    ("pages/modes.py", {"lanes": ""}, "1-8-all"),
    ("pages/modes.py", {"seeds": "0"}, "5"),
    ("pages/modes.py", {"seeds": "2.5"}, "5"),
    ("pages/modes.py", {"limit": "hours"}, "updates"),
    ("pages/modes.py", {"limit": "seconds", "run_seconds": "9999"}, "0.4"),
    ("pages/modes.py", {"run_updates": "0.5"}, "4000"),
    ("pages/modes.py", {"scaled": "maybe"}, "no"),
    ("pages/modes.py", {"part": "on-the-loss-surface", "line_rate": "0.0123"}, "0.05"),
    ("pages/modes.py", {"part": "on-the-loss-surface", "valley": "deep"}, "round"),
    ("pages/modes.py", {"part": "the-noise-of-a-batch", "at": "race-16"}, "first"),
    ("pages/modes.py", {"parts": "six-rows"}, "its own part"),
    ("pages/shapes.py", {"step": "Z9"}, "Z1"),
    ("pages/shapes.py", {"which": "middle"}, "first"),
    ("pages/shapes.py", {"weights": "trained-weights"}, "first-weights"),
    ("pages/shapes.py", {"view": "both"}, "step-by-step"),
    ("pages/shapes.py", {"error": "none"}, "transpose"),
    ("pages/loop.py", {"ran": "<b>"}, None),
    ("pages/loop.py", {"rows": "5"}, "64"),
    ("pages/loop.py", {"rows": "100000"}, "64"),
    ("pages/mistakes.py", {"mistake": "last_droped"}, "summed"),
    ("pages/mistakes.py", {"mistake": "epochs", "of_rows": "0"}, "240"),
    ("pages/mistakes.py", {"mistake": "rate", "eta": "inf"}, "0.2"),
    ("pages/gradient_check.py", {"mistake": "shuffled"}, "none"),
    ("pages/gradient_check.py", {"h": "0.5"}, "1e-10"),
    ("pages/gradient_check.py", {"view": "3d"}, "both-derivatives"),
    ("pages/diagnose.py", {"part": "what-hurts"}, "two-losses"),
    ("pages/diagnose.py", {"patience": "-1"}, "50"),
    ("pages/diagnose.py", {"part": "what-helps", "decay": "1e999"}, "0.03"),
    ("pages/diagnose.py", {"part": "what-helps", "decay": "nan"}, "0.03"),
    ("pages/diagnose.py", {"sidebar": "perhaps"}, "no"),
    ("pages/frameworks.py", {"epohcs": "5"}, "epochs=100"),
    ("pages/under_the_hood.py", {"tricks": "99"}, "2"),
]


@pytest.mark.parametrize(("file", "query", "key", "value"), LINKED)
def test_an_address_opens_what_it_names(file, query, key, value):
    query = {"rate": "0.1"} | query
    at = linked_page(file, **query)
    assert at.session_state[key] == value
    assert notes_of_links(at) == []
    assert dict(at.query_params) == query
    healthy(at.run())
    assert dict(at.query_params) == query


def notes_of_links(at):
    """What the page says about its address."""
    return [text for kind, text in told(at) if kind == "changed" and "link's" in text]


def test_each_page_has_bad_links_in_the_table():
    assert len(BAD) >= 40
    assert {file for file, *_ in BAD} == {page.file for page in PAGES}


@pytest.mark.parametrize(("file", "query", "instead"), BAD)
def test_a_part_that_cannot_be_used_is_named_with_what_is_used_instead(file, query, instead):
    at = linked_page(file, **query)
    (sentence,) = notes_of_links(at)
    name, text = list(query.items())[-1]
    for part in (f"link's “{name}=", text.split(".")[-1], f"uses {instead or 'nothing'} instead."):
        assert part in unescape(sentence) or part in html_text(at)
    assert list(query)[-1] not in dict(at.query_params) or name in ("batch", "done")
    assert len(sentence) < 400


def html_text(at):
    """The page's text with what a link says as it was written."""
    return unescape(html(at))


def test_what_programs_add_to_a_link_is_passed_over():
    at = linked_page("app.py", utm_source="mail", fbclid="x")
    assert notes_of_links(at) == []
    assert dict(at.query_params) == {}


def test_a_part_that_was_renamed_is_found_under_its_old_name():
    at = linked_page("pages/modes.py", part="proof-by-exhaustion")
    assert at.session_state["modes_part"] == "Six rows"
    assert dict(at.query_params) == {"part": "six-rows"}
    assert notes_of_links(at) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_choices_that_a_page_draws_are_those_that_the_menu_names(page):
    at = linked_page(page.file)
    linked = at.session_state["linked"] if "linked" in at.session_state else {}
    assert {record.name for record in linked.values()} <= set(page.links)


def test_a_choice_is_written_into_the_address_and_the_default_is_not():
    at = linked_page("pages/loop.py")
    assert dict(at.query_params) == {}
    at.select_slider(key="loop_batch").set_value(4).run()
    assert dict(at.query_params) == {"rows": "4"}
    at.sidebar.number_input(key="choose_seed").set_value(3).run()
    assert dict(at.query_params) == {"rows": "4", "seed": "3"}
    at.select_slider(key="loop_batch").set_value(64).run()
    assert dict(healthy(at).query_params) == {"seed": "3"}


def test_another_page_has_its_own_address_and_the_choice_is_still_there_afterwards():
    at = linked_page("pages/loop.py", rows="4")
    other_page(at, "pages/data.py")
    assert dict(at.query_params) == {}
    other_page(at, "pages/loop.py")
    assert at.select_slider(key="loop_batch").value == 4
    assert dict(at.query_params) == {"rows": "4"}


def test_a_bad_link_is_named():
    at = linked_page("pages/modes.py", part="<b>x</b>")
    assert notes(at)[0] == "changed"
    for text in ("part=&lt;b&gt;x&lt;/b&gt;", "the-race", "on-the-loss-surface"):
        assert text in html(at)
    assert dict(healthy(at.run()).query_params) == {}
    assert notes(at)[0] == "changed"  # until a choice changes
    at = healthy(at.segmented_control(key="modes_part").set_value("Six rows").run())
    assert "changed" not in notes(at)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_choice_of_a_page_has_the_name_of_one_of_the_sidebar(page):
    assert not set(page.links) & set(PARAMETERS)
