"""An experiment on a page: predict, run, stop, go on, start over, and the effect of a change of settings."""

import pytest
from streamlit.testing.v1 import AppTest

from mbgd.experiments.step import Step
from mbgd.ui.kit.experiment import Job
from mbgd.ui.kit.predict import UNSURE, Answer, Question, Verdict, in_one_sentence, mark, mark_aloud
from tests.pages.app import announced, healthy, notes, predict, press, run_experiment, told, words

QUESTION = Question(
    "sum", "What is the sum?", {"six": Answer("6.", "It is 1 + 2 + 3."), "five": Answer("5.", "One number is missing.")}
)


def a_page():
    import time

    import streamlit as st

    from mbgd.experiments.step import Step
    from mbgd.ui.kit.draw import note_settings
    from mbgd.ui.kit.experiment import experiment
    from mbgd.ui.kit.predict import Verdict
    from mbgd.ui.kit.state import enter
    from tests.ui.kit.test_experiment import QUESTION

    enter("a page", ("ran",))
    about = st.number_input("about", value=0, key="about")
    note_settings(f"about <{about}>")

    def make():
        total = 0
        for i in (1, 2, 3):
            time.sleep(0.11)  # longer than a slice: one step a redraw
            total += i
            yield Step(i / 3, f"adding {i}", total)

    def draw(result):
        st.write(f"so far {result}")

    def verdict(result):
        return Verdict("six" if result == 6 else "five", f"The sum is {result}.")

    complete = experiment("sum", make, about, draw, question=QUESTION, verdict=verdict)
    st.write(f"complete {complete}")


def opened_experiment():
    return healthy(AppTest.from_function(a_page, default_timeout=30).run())


def said(at):
    return words(at) + " ".join(block.value for block in at.markdown)


def test_it_runs_only_after_an_answer_is_picked():
    at = opened_experiment()
    assert at.button(key="run_sum").disabled
    assert "so far None" in said(at)
    assert "complete None" in said(at)
    at = predict(at, "sum", "five")
    assert not at.button(key="run_sum").disabled


@pytest.mark.parametrize(("picked", "kind"), [("six", "good"), ("five", "bad"), (UNSURE, "plain")])
def test_the_run_marks_the_answer(picked, kind):
    at = run_experiment(predict(opened_experiment(), "sum", picked), "sum")
    ((marked, text),) = told(at)
    assert marked == kind
    assert "The sum is 6." in text
    assert "It is 1 + 2 + 3." in text
    assert "complete 6" in said(at)
    assert at.radio(key="predict_sum").disabled
    assert at.button(key="run_sum").disabled


def test_an_answer_changed_just_before_the_click_is_the_one_that_is_marked():
    at = predict(opened_experiment(), "sum", "five")
    at.radio(key="predict_sum").set_value("six")
    at = healthy(at.button(key="run_sum").click().run())
    at.session_state["jobs"]["sum"].work(10.0)
    ((kind, _),) = told(healthy(at.run()))
    assert kind == "good"


def test_it_can_be_stopped_and_goes_on_where_it_was():
    at = press(predict(opened_experiment(), "sum", "six"), "run_sum")
    assert "so far 1" in said(at)
    at = press(at, "stop_sum")
    text = at.get("progress")[0].proto.text
    assert text.startswith("adding 2 ")
    assert text.endswith(" 67%")
    healthy(at.run())
    assert "so far 3" in said(at)
    assert at.button(key="run_sum").label == "Go on"
    at = run_experiment(at, "sum")
    assert "complete 6" in said(at)


def test_a_stop_during_a_step_is_not_lost():
    def steps():
        yield Step(0.1, "before", 1)
        job.stop()  # as the thread of a click does
        yield Step(0.2, "the step under way", 2)
        yield Step(0.3, "after", 3)

    job = Job("about", steps())
    job.work(1.0)
    assert job.last == Step(0.2, "the step under way", 2)
    assert not job.playing
    assert not job.finished


def test_a_change_of_settings_keeps_the_result_and_marks_it_as_old():
    at = run_experiment(predict(opened_experiment(), "sum", "six"), "sum")
    at.number_input(key="about").set_value(1).run()
    assert sorted(kind for kind, _ in told(at)) == ["changed", "plain"]  # no marking
    assert any("about <0>" in text for kind, text in told(at) if kind == "changed")  # those it was made with
    assert "so far 6" in said(at)
    assert "complete None" in said(at)  # the old result does not count for the new settings
    assert not at.radio(key="predict_sum").disabled
    assert not at.button(key="again_sum").disabled
    at = run_experiment(at, "sum")
    assert [kind for kind, _ in told(at)] == ["good"]


def test_start_over_clears_the_result():
    at = press(run_experiment(predict(opened_experiment(), "sum", "six"), "sum"), "again_sum")
    assert "so far None" in said(at)
    assert not at.radio(key="predict_sum").disabled


def test_start_over_takes_the_answer_away():
    at = press(run_experiment(predict(opened_experiment(), "sum", "six"), "sum"), "again_sum")
    assert at.radio(key="predict_sum").value is None
    assert at.button(key="run_sum").disabled
    assert "What is the sum?" in announced(at)["predict_sum"]
    at = run_experiment(predict(at, "sum", "five"), "sum")
    assert [kind for kind, _ in told(at)] == ["bad"]
    at = press(at, "again_sum")
    at.number_input(key="about").set_value(1).run()
    assert at.radio(key="predict_sum").value is None


def test_an_answer_too_close_to_tell_from_the_right_one_is_not_marked_wrong():
    kind, text = mark(QUESTION, "five", Verdict("six", "The sum is about 5.5.", near="five"))
    assert kind == "good"
    assert "It is 1 + 2 + 3." in text
    assert "One number is missing." not in text
    assert text != mark(QUESTION, "six", Verdict("six", "The sum is about 5.5."))[1]  # nor is it marked right


def test_a_marking_gives_the_reasons():
    verdict = Verdict("six", "The sum is 6 < 7.")
    kind, text = mark(QUESTION, "six", verdict)
    assert kind == "good"
    assert "It is 1 + 2 + 3." in text
    assert "6 &lt; 7" in text
    kind, text = mark(QUESTION, "five", verdict)
    assert kind == "bad"
    order = ["The sum is 6", "It is 1 + 2 + 3.", "“5.”", "One number is missing."]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    kind, text = mark(QUESTION, UNSURE, verdict)
    assert kind == "plain"
    assert "It is 1 + 2 + 3." in text


def test_a_marking_is_heard_with_what_was_measured():
    verdict = Verdict("six", "The sum is 6 < 7.", near="five")
    heard = [mark_aloud(QUESTION, picked, verdict) for picked in ("six", "five", UNSURE)]
    assert len({text.split("The sum")[0] for text in heard}) == 3
    assert all("The sum is 6 < 7." in text for text in heard)
    assert ["The answer: 6." in text for text in heard] == [False, True, True]
    assert "✓" not in heard[0]


def test_of_a_question_only_the_sentence_that_asks_is_heard():
    asked = "Two runs begin alike. Which needs the fewest **epochs**? Ties count."
    assert in_one_sentence(Question("two", asked, {})) == "Which needs the fewest epochs?"
    assert in_one_sentence(Question("two", "Say which. Pick one.", {})) == "Pick one."


def test_a_screen_reader_hears_of_the_question_the_run_its_marking_and_a_change_of_settings():
    at = opened_experiment()
    asked = announced(at)["predict_sum"]
    assert "What is the sum?" in asked
    at = predict(at, "sum", "six")
    assert announced(at) == {"predict_sum": "", "sum": ""}
    at = press(at, "run_sum")
    started = announced(at)["sum"]
    at = press(at, "stop_sum")
    stopped = announced(at)["sum"]
    assert "adding" in stopped
    assert "%" in stopped
    at = run_experiment(at, "sum")
    marked = announced(at)["sum"]
    assert "The sum is 6." in marked
    at.number_input(key="about").set_value(1).run()
    changed = announced(at)["sum"]
    assert len({started, stopped, marked, changed}) == 4
    at.number_input(key="about").set_value(2).run()
    assert announced(at)["sum"] == changed  # it is heard once
    at = press(at, "again_sum")
    assert announced(at)["sum"] == ""


def reopened(at, about=0):
    """The page as a reload opens it: a new session with the address that the old one had."""
    again = AppTest.from_function(a_page, default_timeout=30)
    again.query_params.update(dict(at.query_params))
    again.session_state["about"] = about
    return healthy(again.run())


def test_after_a_reload_the_same_run_is_made_again_and_the_address_has_no_answer():
    at = run_experiment(predict(opened_experiment(), "sum", "five"), "sum")
    assert dict(at.query_params) == {"ran": "sum"}
    again = reopened(at)
    assert notes(again)[-1] == "changed"
    assert again.radio(key="predict_sum").value is None  # a shared address must not show an answer
    assert dict(again.query_params) == {"ran": "sum"}  # a second reload says the same
    again = run_experiment(predict(again, "sum", "five"), "sum")
    assert "complete 6" in said(again)
    assert "changed" not in notes(again)
    assert notes(again) == notes(healthy(at.run())) == ["bad"]


def test_a_run_that_was_never_made_or_was_cleared_is_not_named_by_the_address():
    at = predict(opened_experiment(), "sum", "five")
    assert dict(at.query_params) == {}
    at = press(run_experiment(at, "sum"), "again_sum")
    assert dict(at.query_params) == {}


def test_with_other_settings_it_is_no_longer_the_run_that_was_lost():
    at = reopened(run_experiment(predict(opened_experiment(), "sum", "five"), "sum"))
    at = healthy(at.number_input(key="about").set_value(1).run())
    assert "changed" not in notes(at)
    assert dict(at.query_params) == {}
