"""The race: its question, and the chart and the table that grow during the race."""

from collections.abc import Hashable
from html import escape

import streamlit as st

from mbgd.charts.batch_sizes import STYLES, batch_name, style_name
from mbgd.charts.layers import LOSS_NAMES, X_AXES
from mbgd.charts.modes.race import above_the_top, band_name, race_chart, race_table
from mbgd.data.dataset import Dataset
from mbgd.experiments.modes.lanes import AN_OCTAVE
from mbgd.experiments.modes.prices import Decision, decide, default_target, fate, start_loss
from mbgd.experiments.modes.race import Race, race
from mbgd.share.allowed import Between
from mbgd.share.choices import Choices
from mbgd.ui.kit.claims import show_claims
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.experiment import complete_job
from mbgd.ui.kit.html import note, refusal, summed
from mbgd.ui.kit.predict import Answer, Question, Verdict
from mbgd.ui.kit.scales import SPLIT_NAMES, Scales, Switches, ask_split
from mbgd.ui.kit.state import choose, keep, linked, remembered
from mbgd.ui.modes.parts import Part, columns, waiting
from mbgd.ui.modes.prices import amount, failures, lane_names, left_out, prices_table, race_claims
from mbgd.ui.modes.rules import rules_chosen

LABEL = "Run the race"
SWITCHES = Switches("race_axis", "race_log_x", "race_log_y", Scales("updates", True, True))
TARGET_STEP = 1.025  # from one loss to the next on the slider
TARGETS = 380
TARGET, CHOSEN = "race_target", "race_target_chosen"  # where the session keeps the loss to reach, and its race
SUGGESTED, MOST_LOSS = 0.0, 1e9  # as the loss to reach in an address: the race's own suggestion; the largest
QUESTION = Question(
    "race",
    "All batch sizes start from the same first weights. To reach the same loss (a line in the chart), which batch size "
    "needs the fewest **epochs** (passes over the data), and which needs the fewest **updates**? Results that "
    f"differ by at most {2 ** (1 / AN_OCTAVE) - 1:.1%} count as equal, so more than one answer can be right.",
    {
        "ends": Answer(
            "The smallest batch size needs the fewest epochs, the largest the fewest updates.",
            "A small batch makes many updates per epoch, so it needs few epochs if the noise of its gradients "
            "does no harm. A large batch "
            "has a more accurate gradient, so it needs fewer updates, but it must read many rows for each.",
        ),
        "reverse": Answer(
            "The largest batch size needs the fewest epochs, the smallest the fewest updates.",
            "An epoch is one pass over all rows, whatever the batch size. Full batch makes one update per epoch, so it "
            "needs many epochs. The gradient of a single row is noisy, so SGD needs many updates.",
        ),
        "same": Answer(
            "One batch size wins in both.",
            "For this, the updates of one batch size must be as good as the best, and must also need few rows. Small "
            "batches can do this if noise does no harm. Larger ones can if small ones are too noisy or diverge.",
        ),
        "other": Answer(
            "A size in between wins in epochs or in updates. Or none wins, because none reaches the loss.",
            "If the smallest batch is too noisy for this learning rate, a size in between may win. If the learning "
            "rate is too large for all sizes, no size wins.",
        ),
    },
)


SCALED = (
    "Here the learning rate is proportional to B: a large batch makes few long steps per epoch, and a small batch "
    "makes many short ones. That the smallest wins in epochs is expected only if all learning rates are equal."
)
TRY = (
    "Switch the x-axis from updates to epochs, then to seconds. Which curve reaches the line first? Compare with the ★ "
    "in the table. Then move the line down to a lower loss. Which batch sizes still reach it?"
)


def race_section(choices: Choices, dataset: Dataset) -> None:
    """Draw the race: chart and table on the left, the question and below it the rules on the right."""
    left, asking, below = columns()
    _link_target()
    with below:
        settings, rules = rules_chosen(choices, dataset)
    if rules is None:
        left.html(refusal("A race needs at least two batch sizes. Choose two to six under “Batch sizes”.", "lanes"))
        return
    PART.show(left, asking, lambda: race(dataset, settings, rules), (choices.data_key, settings, rules))


def finished_race() -> tuple[Hashable, Race] | None:
    """The session's last race with everything that it depends on, or None if it has not run to its end."""
    job = complete_job(QUESTION.key)
    return (job.about, job.result) if job else None


def _draw(result: Race | None) -> None:
    axis, log_x, log_y = _switches()
    if result is None or not result.lanes:
        waiting("The loss of each batch size will be shown here live, with a band over the seeds.", LABEL, 28)
        return
    split, target = _split_and_target(result)
    decision = decide(result, target, split)
    sizes, n_train = result.rules.batch_sizes, len(result.dataset.X_train)
    names, styles = tuple(map(batch_name, sizes)), tuple(style_name(size, n_train) for size in sizes)
    draw(
        race_chart,
        (axis, log_x, log_y, f"{LOSS_NAMES[result.dataset.loss]}, {SPLIT_NAMES[split]} rows", names, styles),
        race_table(result, axis, split, target, log_x, log_y),
        key="race_chart",
        alt=race_in_words(result, decision, axis),
        caption=_caption(result) if result.finished else "",
    )
    below = left_out(result, decision)
    top, high = above_the_top(result, split, log_y)
    cut = f"Losses above {top:.3g} are drawn at the top edge: {', '.join(high)}. " if high else ""
    st.html(summed(f"Lines: median loss over the seeds · {band_name(result.rules.seeds)}. {cut}{below}"))
    st.html(prices_table(result, decision))
    for sentence in failures(result):
        st.html(note("bad", escape(sentence)))
    if result.finished:
        marked = marked_decision(result)
        if (marked.target, marked.split) != (target, split):
            st.html(summed(moved_line(marked, decision), "mbgd-moved"))
        show_claims(QUESTION.key, race_claims(result, marked))


def race_in_words(result: Race, decision: Decision, axis: str) -> str:
    """The chart in words, with its results once the race is complete. Constant during the race."""
    names = ", ".join(map(batch_name, result.rules.batch_sizes))
    shown = f"Loss against {X_AXES[axis]} for {names}, with a band over the seeds and a line at the loss to reach."
    if not result.finished:
        return f"{shown} The table below has the numbers."
    paid = (f"{batch_name(price.batch_size)}: {amount(price, axis)}" for price in decision.prices)
    return f"{shown} To reach {decision.target:.3g}: {'; '.join(paid)}."


def _caption(result: Race) -> str:
    """What a saved picture says: the settings, and what its lines are."""
    rules, n_train = result.rules, len(result.dataset.X_train)
    rate = "learning rate proportional to B" if rules.rate_for else f"learning rate {result.settings.learning_rate:g}"
    signs = [f"{STYLES[style_name(size, n_train)].symbol} {batch_name(size)}" for size in rules.batch_sizes]
    return " · ".join(
        ["Race of batch sizes", rate, *signs, "lines: median loss over the seeds", band_name(rules.seeds)]
    )


def _switches() -> Scales:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="race_switches"):
        SWITCHES.ask()
    return SWITCHES.chosen()


def _split_and_target(result: Race) -> tuple[str, float]:
    """Training or validation rows, and the loss that the lanes should reach."""
    left, right = st.columns([5, 4], gap="medium", vertical_alignment="center")
    with right:
        ask_split("race_split", "train")
    split = keep("race_split")
    with left:
        return split, _target(result, split)


def targets(result: Race, split: str) -> list[float]:
    """The losses to which the line can be moved, from one step below the loss at the start downwards."""
    start = start_loss(result, split)
    return [start / TARGET_STEP**i for i in range(1, TARGETS + 1)]


def _suggestion(result: Race, split: str) -> float:
    """A loss that most lanes reach, rounded up to a value of the slider."""
    offered, least = targets(result, split), default_target(result, split)
    return min((target for target in offered if target >= least), default=offered[0])


def _wanted(result: Race, split: str) -> float:
    """The loss to reach: the one that the learner chose in this race, or else a suggestion."""
    if chosen := _chosen(result):
        return min(targets(result, split), key=lambda target: abs(target - chosen["loss"]))
    return _suggestion(result, split)


def _chosen(result: Race) -> dict | None:
    """The loss that the learner chose in this race, or the address. Another race begins at its own suggestion."""
    chosen = st.session_state.get(CHOSEN)
    if chosen and chosen["race"] == _which(result):
        return chosen
    if chosen:  # it was chosen in another race
        del st.session_state[CHOSEN]
        choose(TARGET, SUGGESTED)
    elif asked := remembered(TARGET, SUGGESTED):
        st.session_state[CHOSEN] = {"race": _which(result), "key": f"race_target_{asked:.6g}", "loss": asked}
    _link_target()
    return st.session_state.get(CHOSEN)


def _link_target() -> None:
    """Read the loss to reach from the address, or write it there."""
    keep(linked("target", TARGET, SUGGESTED, Between(SUGGESTED, MOST_LOSS)))


def _which(result: Race) -> tuple:
    """What tells this race from others."""
    return id(result.dataset), result.settings, result.rules


def _target(result: Race, split: str) -> float:
    """The slider that moves the line. Until the learner moves it, it is a new widget at each new suggestion."""
    mine = _chosen(result)
    wanted = _wanted(result, split)
    key = mine["key"] if mine else f"race_target_{wanted:.6g}"

    def moved() -> None:
        # If a redraw is overtaken by the next, Streamlit can call this for a widget that was not touched.
        if st.session_state[key] == wanted:
            return
        loss = st.session_state[key]
        st.session_state[CHOSEN] = {"race": _which(result), "key": key, "loss": loss}
        choose(TARGET, float(f"{loss:.4g}"))  # exact enough to find it again among the slider's values
        _link_target()

    return st.select_slider(
        "Loss to reach: move the line",
        targets(result, split)[::-1],
        wanted,
        key=key,
        format_func=lambda target: f"{target:.3g}",
        on_change=moved,
    )


def marked_decision(result: Race) -> Decision:
    """The decision that is marked: at the suggested loss on the training rows. Moving the line does not change it."""
    return decide(result, _suggestion(result, "train"))


def moved_line(marked: Decision, shown: Decision) -> str:
    """Which loss the marking is about, and which loss the stars and the table are about, if they differ."""
    return (
        f"Your answer is marked at a {SPLIT_NAMES[marked.split]} loss of {marked.target:.3g}, where the line began. "
        "So are the claims below that name a loss to reach. The stars and the table are about a "
        f"{SPLIT_NAMES[shown.split]} loss of {shown.target:.3g}, where the line is now."
    )


def _verdict(result: Race) -> Verdict:
    decision = marked_decision(result)
    best, target = decision.winners, decision.target

    def who(axis: str) -> str:
        return f"{lane_names(best[axis])}{' (a tie)' * (len(best[axis]) > 1)}"

    if best["epochs"]:
        measured = (
            f"Loss to reach: {target:.3g} (training loss). Fewest epochs to reach it: {who('epochs')}. "
            f"Fewest updates: {who('updates')}.{_tied(decision)}"
        )
    elif all(fate(lane) in ("diverged", "diverges") for lane in result.lanes):
        measured = "All batch sizes diverged, so none wins."
    else:
        measured = (
            f"The loss at the start was {start_loss(result, 'train'):.3g}. No batch size reached a training loss of "
            f"{target:.3g} and then stayed below the loss at the start."
        )
    scaled = SCALED if result.rules.rate_for is not None and best["epochs"] else ""
    return Verdict(decision.right, measured, why=scaled, also=decision.also)


def _tied(decision: Decision) -> str:
    """What a tie means for the answer: each batch size in it counts as a winner."""
    epochs, updates = decision.winners["epochs"], decision.winners["updates"]
    both = tuple(size for size in epochs if size in updates)
    if len(epochs) == len(updates) == 1:
        return ""
    if both:
        wins = "wins" if len(both) == 1 else "win"
        return f" In a tie, each of the sizes wins. So {lane_names(both)} {wins} in both."
    return " In a tie, each of the sizes wins. But none wins in both."


PART = Part(LABEL, QUESTION, _draw, _verdict, TRY)
