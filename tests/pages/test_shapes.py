"""The page Shapes: the walk, the batches, the table, the prediction and the mistakes, for many sidebars."""

import json
import re
from html import unescape

import numpy as np
import pytest

from mbgd.data.catalogue import datasets
from mbgd.experiments.shapes.doubling import LOOP
from mbgd.experiments.shapes.errors import MISTAKES
from mbgd.ui.kit.predict import UNSURE
from mbgd.ui.shapes.doubling import QUESTION
from mbgd.ui.shapes.errors import REASON_AFTER
from mbgd.ui.shapes.steps import ANSWERS
from mbgd.ui.shapes.walk import EXAMPLE
from tests.pages.app import (
    DIABETES,
    announced,
    bodies,
    healthy,
    html,
    linked_page,
    numbers,
    opened,
    opened_page,
    other_page,
    plain,
    predict,
    press,
    rows,
    run_experiment,
    run_of,
    told,
    unfolded,
    words,
)

PAGE = "pages/shapes.py"
NO_HIDDEN = {"data": "plane", "hidden": "none", "rate": "10", "last": "drop", "batch": "7"}
LARGE = {"data": "digits", "hidden": "256-64", "mode": "full"}
DEEP = {"data": "digits", "hidden": "8-8-8-8-8-8", "mode": "sgd", "activation": "identity"}
SMALL = {"data": "sine", "size": "20", "validation": "50", "hidden": "1", "batch": "7"}
SIDEBARS = [{}, NO_HIDDEN, LARGE, DEEP, SMALL]


def group(at, key):
    return next(group for group in at.get("button_group") if group.key == key)


def choose(at, key, value):
    """Choose a value, as in a link where the control waits for the run."""
    if group(at, key).disabled:
        at.session_state[key] = value
    else:
        group(at, key).set_value(value)
    return healthy(at.run())


def drawing(at):
    """The data that the page sends to the drawing of the step."""
    (component,) = at.get("bidi_component")
    return json.loads(component.proto.json)


def tiles(at):
    return {part["name"]: part for part in drawing(at)["parts"] if isinstance(part, dict)}


def sizes(tile):
    return tile["rows"]["size"], tile["columns"]["size"]


def step_names(at):
    return next(group for group in at.get("button_group") if group.key == "shape_step").options


def said(at):
    return words(at) + " " + " ".join(block.value for block in [*at.markdown, *at.code])


def claims(at):
    """The claims of the doubled batch: predicted, measured, and whether they agree."""
    cells = r'<th scope="row">[^<]*</th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td><td class="mbgd-(agrees|differs)">'
    return [tuple(map(plain, row)) for row in re.findall(cells, html(unfolded(at)))]


def has(at, kind):
    """Whether some element of the page has exactly this CSS class."""
    return f'class="{kind}"' in html(at)


def lettered(at):
    """The page after its question was answered and its run is complete: only then do the axes have letters."""
    return run_experiment(predict(at, "doubling", UNSURE), "doubling")


def test_the_page_opens_on_the_first_product():
    at = lettered(opened_page(PAGE))
    assert {name: sizes(tile) for name, tile in tiles(at).items()} == {
        "X": (16, 10),
        "W1.T": (10, 16),
        "b1": (1, 16),
        "Z1": (16, 16),
    }
    for row in ("X @ W1.T + b1 → Z1", "( B × n ) @ ( n × h1 ) + ( h1 ) → ( B × h1 )", "( 16 × 10 ) @ ( 10 × 16 )"):
        assert row in said(at)
    assert "3 of 20 " in said(at)


def test_before_the_run_the_tiles_and_sizes_are_there_and_no_letter():
    at = opened_page(PAGE)
    for step in ("Z1", "dW1", "db1", "L"):
        at = choose(at, "shape_step", step)
        assert not drawing(at)["lettered"]
        assert 'class="letter' not in html(at)
    assert "( 16 × 1 )" in said(at) or "(16×1)" in said(at)
    at = choose(at, "shape_step", "dW1")
    assert "(16×16)" in said(at)
    after = choose(lettered(at), "shape_step", "dW1")
    assert drawing(after)["lettered"]
    assert 'class="letter' in html(after)


def test_a_move_to_another_step_or_batch_is_heard_by_screen_readers():
    at = opened_page(PAGE)
    for move in (lambda at: press(at, "shape_next"), lambda at: choose(at, "shape_batch", "last")):
        before = announced(at)["step"]
        at = move(at)
        news = announced(at)["step"]
        assert news != before
        step = list(tiles(at))[-1]
        assert f"{step} = " in news
        assert news.endswith(f"{' by '.join(map(str, sizes(tiles(at)[step])))}.")


def test_the_keys_of_the_buttons_are_hidden_where_there_is_no_fine_pointer():
    assert re.search(
        r"@media not \(pointer: fine\) \{ \.st-key-shape_move kbd \{ display: none; \} \}",
        " ".join(bodies(opened_page(PAGE))),
    )


def head_of_steps(at):
    """The columns of the table of all steps."""
    return next(row for row in rows(at) if row[:2] == ["step", "part and layer"])


def axes(at):
    """The size of each axis, by its letter, from the axes and the shapes in the table of all steps."""
    table = rows(choose(at, "shape_view", "all as one table"))
    head = head_of_steps(at)
    found = {}
    for row in table[table.index(head) + 1 :]:
        cells = dict(zip(head, row, strict=False))
        letters, sizes = (re.findall(r"[\w,]+", cells.get(name, "")) for name in ("axes", "shape"))
        if cells.get("axes") != "one number":
            found |= {letter: int(size.replace(",", "")) for letter, size in zip(letters, sizes, strict=False)}
    return found


def test_at_the_default_every_axis_has_its_own_size():
    at = run_experiment(predict(linked_page(PAGE), "doubling", "rows"), "doubling")
    assert [verdict for *_, verdict in claims(at)] == ["agrees"] * 6
    at = choose(at, "shape_batch", "last")
    r = axes(at)["B"]
    found = axes(choose(at, "shape_batch", "first")) | {"r": r}
    assert set(found) == {"B", "n", "h1", "h2", "k", "r"}
    assert len(set(found.values())) == len(found)


@pytest.mark.parametrize(
    ("control", "value"), [("choose_data", "moons"), ("choose_batch", 8), ("choose_hidden", "8"), ("choose_size", 200)]
)
def test_once_data_batch_or_network_are_changed_the_sidebar_rules(control, value):
    at = linked_page(PAGE)
    assert sizes(tiles(at)["X"]) == (EXAMPLE["batch"], 4)
    before = len(at.main.caption)
    at.sidebar.number_input(key="choose_seed").set_value(3).run()
    assert sizes(tiles(healthy(at))["X"]) == (EXAMPLE["batch"], 4)
    if control == "choose_batch":  # until the question is marked, other batches would answer it
        assert at.sidebar.select_slider(key=control).disabled
        at = run_experiment(predict(at, "doubling", "rows"), "doubling")
    widget = next(widget for widget in at.sidebar if widget.key == control)
    at = healthy(widget.set_value(value).run())
    assert sizes(tiles(at)["X"]) == (8 if control == "choose_batch" else 16, 2)
    assert len(at.main.caption) == before - 1  # the line on the example


def test_after_training_with_the_defaults_the_trained_weights_can_be_chosen():
    at = press(opened(), "step_epoch")
    W = run_of(at).training.layers[0].W
    at = other_page(at, PAGE)
    assert sizes(tiles(at)["X"]) == (EXAMPLE["batch"], 4)
    at = choose(at, "shape_weights", "trained weights")
    np.testing.assert_allclose(np.transpose(tiles(at)["W1.T"]["values"]), W, rtol=1e-6)


def test_next_and_back_walk_through_every_step():
    at = choose(opened_page(PAGE), "shape_step", "X")
    assert at.button(key="shape_back").disabled
    seen = [list(tiles(at))[-1]]
    while not at.button(key="shape_next").disabled:
        at = press(at, "shape_next")
        seen.append(list(tiles(at))[-1])
    assert len(seen) == 20
    assert seen[:3] == ["X", "Y", "Z1"]
    assert seen[-4:] == ["new W1", "new b1", "new W2", "new b2"]
    assert list(tiles(press(at, "shape_back")))[-1] == "new W2"


def test_the_batch_changes_B_and_nothing_else():
    at = opened_page(PAGE)
    for which, B in (("last", 1), ("first", 16), ("one", 1), ("all", 353)):
        drawn = tiles(choose(at, "shape_batch", which))
        assert sizes(drawn["X"]) == (B, 10), which
        assert sizes(drawn["W1.T"]) == (10, 16), which
        assert sizes(drawn["Z1"]) == (B, 16), which


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["first, B = 16", "last, 1 row", "B = 1", "B = N = 353"]),
        ({"mode": "full"}, ["the only one, B = N = 353", "B = 1"]),
        ({"mode": "sgd"}, ["first, B = 1", "last, B = 1", "B = N = 353"]),
        ({"batch": "200", "last": "drop"}, ["the only one, B = 200", "B = 1", "B = N = 353"]),
    ],
)
def test_each_batch_is_offered_once(query, names):
    at = opened_page(PAGE, **query)
    assert next(group for group in at.get("button_group") if group.key == "shape_batch").options == names


def test_a_batch_that_is_no_longer_offered_is_replaced_by_the_first():
    at = run_experiment(predict(opened_page(PAGE), "doubling", "rows"), "doubling")
    at = choose(at, "shape_batch", "all")
    at = healthy(at.sidebar.segmented_control(key="choose_mode").set_value("full").run())
    assert sizes(tiles(at)["X"]) == (353, 10)
    at = choose(at, "shape_batch", "one")
    at = healthy(at.sidebar.segmented_control(key="choose_mode").set_value("sgd").run())
    assert sizes(tiles(at)["X"]) == (1, 10)


def test_a_claim_names_all_arrays_or_counts_the_others():
    at = run_experiment(predict(opened_page(PAGE), "doubling", "rows"), "doubling")
    names = claims(at)[0][1]
    assert names.startswith("13: X, Y, Z1, A1, Z2, Ŷ, dL/dŶ")
    assert names.endswith(", dX")
    assert len(names.split(", ")) == 13
    at = run_experiment(predict(opened_page(PAGE, **DEEP), "doubling", "rows"), "doubling")
    total, named, more = re.fullmatch(r"(\d+): (.*?) and (\d+) more", claims(at)[0][1]).groups()
    assert int(total) == len(named.split(", ")) + int(more)


def test_numbers_that_are_not_of_the_batch_on_the_page_are_explained():
    at = run_experiment(predict(opened_page(PAGE, **LARGE), "doubling", "rows"), "doubling")
    (why,) = re.findall(r'<p class="mbgd-says mbgd-other-rows">(.*?)</p>', html(at))
    *sizes, counted, of = numbers(why)
    assert sizes == [2, 1_437, 718, 1_436]
    assert 0 < counted < of == 1_437
    at = run_experiment(predict(opened_page(PAGE), "doubling", "rows"), "doubling")
    assert not has(at, "mbgd-says mbgd-other-rows")


def test_another_batch_can_be_picked_after_the_question_is_marked_and_not_before():
    at = opened_page(PAGE)
    assert group(at, "shape_batch").disabled
    at = run_experiment(predict(at, "doubling", "rows"), "doubling")
    assert not group(at, "shape_batch").disabled
    assert not group(choose(at, "shape_batch", "all"), "shape_batch").disabled  # the run of that batch is another one


def test_the_last_batch_is_explained():
    kept = choose(opened_page(PAGE), "shape_batch", "last")
    assert numbers(kept.markdown[0].value) == [353, 22, 16, 1, 1]
    assert drawing(kept)["remainder"]
    dropped = choose(opened_page(PAGE, last="drop"), "shape_batch", "last")
    assert numbers(dropped.markdown[0].value) == [1, 353, 16, 1]
    assert not drawing(dropped)["remainder"]
    even = choose(opened_page(PAGE, data="moons", batch="16"), "shape_batch", "last")
    assert numbers(even.markdown[0].value) == [240, 16]


@pytest.mark.parametrize("sidebar", SIDEBARS, ids=str)
def test_every_step_can_be_drawn_for_every_sidebar(sidebar):
    at = opened_page(PAGE, **sidebar)
    names = step_names(at)
    for name in [
        names[0],
        names[1],
        *names[-3:],
        *[name for name in ("L", "dW1", "db1", "A1") if name in names],
    ]:
        at = choose(at, "shape_step", name.replace("→ ", "new "))
        assert list(tiles(at))[-1] == name.replace("→ ", "new ")
    for which in next(group for group in at.get("button_group") if group.key == "shape_batch").options:
        at = choose(at, "shape_batch", which)
    choose(at, "shape_view", "all as one table")


@pytest.mark.parametrize("data", list(datasets()))
def test_the_rows_of_the_batch_are_named(data):
    at = choose(opened_page(PAGE, data=data), "shape_step", "X")
    dataset = run_of(other_page(at, "app.py")).dataset
    at = other_page(at, PAGE)
    data_drawn = drawing(at)
    X = data_drawn["parts"][0]
    number = int(data_drawn["row_names"]["0"].split()[1].replace(",", "")) - 1
    row = list(dataset.rows_train).index(number)
    columns = X["columns"]["wide"]["shown"]
    np.testing.assert_allclose(X["values"][0], dataset.X_train[row, columns], rtol=1e-6)
    assert [data_drawn["column_names"][str(j)] for j in columns] == [dataset.feature_titles[j] for j in columns]


def test_all_steps_as_one_table():
    at = choose(opened_page(PAGE), "shape_view", "all as one table")
    assert not set(ANSWERS) & set(head_of_steps(at))
    assert "14 backward 1 dW1 dZ1.T @ X float64 4,960" in said(at)
    text = said(lettered(at))
    assert "14 backward 1 dW1 dZ1.T @ X ( h1 × n ) ( 16 × 10 ) float64 1,280 4,960" in text
    assert set(ANSWERS) <= set(head_of_steps(at))
    assert not at.get("bidi_component")
    assert at.get("download_button")


def test_the_view_and_the_step_survive_a_change_of_page():
    at = choose(choose(opened_page(PAGE), "shape_batch", "one"), "shape_step", "dW1")
    at = other_page(other_page(at, "pages/data.py"), PAGE)
    assert list(tiles(at))[-1] == "dW1"
    assert sizes(tiles(at)["X"]) == (1, 10)


def test_a_step_that_another_network_lacks_is_replaced_by_the_first_product():
    at = choose(opened_page(PAGE, hidden="8-8"), "shape_step", "dW3")
    at.sidebar.text_input(key="choose_hidden").set_value("").run()
    assert list(tiles(healthy(at)))[-1] == "Z1"


def test_the_weights_of_the_run_on_train_can_be_walked_through():
    at = opened(**DIABETES)
    at = press(at, "step_epoch")
    W = run_of(at).training.layers[0].W
    at = choose(other_page(at, PAGE), "shape_weights", "trained weights")
    np.testing.assert_allclose(np.transpose(tiles(at)["W1.T"]["values"]), W, rtol=1e-6)
    at = run_experiment(predict(at, "doubling", "rows"), "doubling")
    assert LOOP in said(unfolded(at))
    assert {verdict for *_, verdict in claims(at)} == {"agrees"}
    at.sidebar.text_input(key="choose_hidden").set_value("4").run()
    assert sizes(tiles(healthy(at))["W1.T"]) == (10, 4)  # the run has another network now


def test_a_diverged_run_can_be_walked_through_too():
    at = opened(data="plane", hidden="none", rate="10", epochs="300")
    for _ in range(60):
        if run_of(at).training.diverged:
            break
        at = press(at, "step_epoch")
    at = choose(other_page(at, PAGE), "shape_weights", "trained weights")
    for name in ("L", "dW1", "new W1"):
        at = choose(at, "shape_step", name)


@pytest.mark.parametrize("picked", [*QUESTION.answers, UNSURE])
def test_the_two_traces_mark_the_prediction(picked):
    at = run_experiment(predict(opened_page(PAGE), "doubling", picked), "doubling")
    ((kind, text),) = told(at)
    assert kind == {"rows": "good", UNSURE: "plain"}.get(picked, "bad")
    assert numbers(text)[:4] == [16, 32, 13, 26]
    assert [verdict for *_, verdict in claims(at)] == ["agrees"] * 6


@pytest.mark.parametrize("sidebar", SIDEBARS, ids=str)
def test_the_claims_hold_for_every_sidebar(sidebar):
    at = run_experiment(predict(opened_page(PAGE, **sidebar), "doubling", "rows"), "doubling")
    assert "good" in [kind for kind, _ in told(at)]
    assert [verdict for *_, verdict in claims(at)] == ["agrees"] * 6


def test_why_a_wrong_expression_fails_is_said_after_the_run():
    at = opened_page(PAGE)
    for mistake in MISTAKES:
        at = choose(at, "shape_mistake", mistake)
        assert MISTAKES[mistake].why not in said(at), mistake
        assert REASON_AFTER in said(at), mistake
    at = lettered(at)
    for mistake in MISTAKES:
        at = choose(at, "shape_mistake", mistake)
        assert MISTAKES[mistake].why in unescape(said(at)), mistake
        assert REASON_AFTER not in said(at), mistake


@pytest.mark.parametrize("sidebar", [{}, NO_HIDDEN, LARGE, SMALL], ids=str)
def test_every_mistake_shows_an_error_or_the_sizes_tried_and_a_silent_case(sidebar):
    at = opened_page(PAGE, **sidebar)
    for mistake in MISTAKES:
        at = choose(at, "shape_mistake", mistake)
        assert has(at, "mbgd-claims mbgd-silent"), mistake
        assert has(at, "mbgd-clash") != has(at, "mbgd-tried"), mistake
        assert ("ValueError: " in said(at)) == (has(at, "mbgd-clash") or mistake == "targets"), mistake


def test_a_silent_mistake_is_tried_on_sizes_near_those_of_the_batch():
    at = choose(opened_page(PAGE, hidden="1"), "shape_mistake", "gradient")  # the last batch has one row, too
    assert has(at, "mbgd-clash")
    assert not told(at)[1:]
    at = choose(at, "shape_batch", "last")
    assert has(at, "mbgd-clash")
    assert "B = 2" in told(at)[1][1]
    at = choose(choose(at, "shape_mistake", "targets"), "shape_batch", "all")
    assert re.findall('"mbgd-tried">(.*?)<', html(at)) == ["B = 352; B = 353 and hidden layers 2"]


def test_the_page_shows_numpys_own_message():
    at = opened_page(PAGE)
    assert "ValueError: matmul: Input operand 1 has a mismatch in its core dimension 0" in said(at)
    assert "✕ 10" in said(at)
    assert "✕ 16" in said(at)


def test_a_result_of_the_example_says_that_it_is_of_the_example():
    at = run_experiment(predict(linked_page(PAGE), "doubling", UNSURE), "doubling")
    at = healthy(at.sidebar.select_slider(key="choose_batch").set_value(8).run())
    (old,) = (text for kind, text in told(at) if kind == "changed")
    assert EXAMPLE["data"] in old
    assert f"B = {EXAMPLE['batch']}" in old
    assert "batch: first" in old
