"""The race: its rules, its question, and the chart and table that grow while it goes on."""

from collections.abc import Sequence
from dataclasses import replace
from html import escape

import streamlit as st

from mbgd.charts.loss import X_AXES
from mbgd.charts.race import lane_name, race_chart, race_table
from mbgd.data.dataset import Dataset
from mbgd.engine.batches import plan_epoch
from mbgd.engine.training import Settings
from mbgd.experiments.prices import default_target, outcome, prices, start_loss, winners
from mbgd.experiments.race import MOST_LANES, MOST_SEEDS, Race, Rules, expected_seconds, race
from mbgd.ui.choices import Choices, batch_sizes
from mbgd.ui.draw import draw
from mbgd.ui.experiment import experiment
from mbgd.ui.modes.parts import waiting
from mbgd.ui.modes.prices import failures, prices_table, race_claims
from mbgd.ui.numbers import duration, note
from mbgd.ui.predict import Answer, Question, Verdict
from mbgd.ui.proof import show_claims
from mbgd.ui.state import keep, kept

KEY = "race"
LABEL = "Run the race"
FULL = 0  # stands for all training rows among the batch sizes to choose from
SECONDS = (0.1, 0.2, 0.4, 0.8, 1.5, 3.0)
EPOCHS = (1, 2, 5, 10, 20, 30, 50, 100, 200, 500)
MOST_SECONDS = 30.0  # of computing, all runs together
MOST_UPDATES = 2_000_000  # all runs together: each is remembered
LIMIT_NAMES = {"seconds": "computing time", "epochs": "epochs"}
SPLIT_NAMES = {"train": "training", "val": "validation"}
TARGET_STEP = 1.025  # from one loss to the next on the slider
TARGETS = 380
QUESTION = Question(
    KEY,
    "All lanes start from the same weights. To reach the same loss, which batch size needs the fewest **epochs** "
    "(passes over the data), and which the fewest **updates**?",
    {
        "ends": Answer(
            "Epochs: the smallest. Updates: the largest.",
            "A small batch moves the weights many times in one pass, so it needs few passes; a large one aims each "
            "update better, so it needs fewer updates, but must read many rows for each.",
        ),
        "reverse": Answer(
            "Epochs: the largest. Updates: the smallest.",
            "An epoch is a pass over all rows whatever the batch. The full batch makes one update of it, so many "
            "passes are its price; a single row's gradient is noisy, so many updates are the price of SGD.",
        ),
        "same": Answer(
            "One batch size wins both.",
            "That takes a batch size whose updates are as good as the best and as cheap in rows: where noise does not "
            "hurt, small batches have that; where small ones are thrown about or diverge, larger ones do.",
        ),
        "other": Answer(
            "One in between wins one, or none learns.",
            "Where the smallest batch is too noisy for this learning rate, one in between may win; where the rate is "
            "too large for all of them, nobody does.",
        ),
    },
)


TRY = (
    "**Try this:** switch the x-axis from updates to epochs to seconds and watch the ★ move to another lane; then pull "
    "the line down to a lower loss and see who still gets there."
)


def race_section(choices: Choices, dataset: Dataset) -> None:
    """Draw the race: chart and table to the left, rules and question to the right."""
    left, right = st.columns([7, 4], gap="medium")
    settings = replace(choices.settings(len(dataset.X_train)), batch_size=1, epochs=1)
    with right:
        rules = _rules(choices, dataset, settings)
    if rules is None:
        left.html(note("changed", "A race needs at least two lanes: pick two to six <b>batch sizes</b>."))
        return
    about = (tuple(sorted(choices.data_options().items())), settings, rules)
    with left:
        experiment(
            KEY,
            lambda: race(dataset, settings, rules),
            about,
            _draw,
            label=LABEL,
            question=QUESTION,
            verdict=_verdict,
            controls=right,
        )
    right.markdown(TRY)


def finished_race() -> Race | None:
    """The session's last race, if it was run to its end."""
    job = st.session_state.get("jobs", {}).get(KEY)
    return job.last.result if job and job.last and job.finished else None


# --- the rules ---


def _rules(choices: Choices, dataset: Dataset, settings: Settings) -> Rules | None:
    n_train = len(dataset.X_train)
    options = [*(size for size in batch_sizes(n_train, choices.batch) if size < n_train), FULL]
    middle = min(choices.batch, n_train)
    chosen = st.multiselect(
        "Batch sizes",
        options,
        key=_suggested("race_sizes", [1, middle if 1 < middle < n_train else 16, FULL], options),
        on_change=_choose,
        args=("race_sizes",),
        format_func=lambda size: f"{n_train:,}, all rows" if size == FULL else f"{size:,}",
        max_selections=MOST_LANES,
        help="A lane of the race for each: two to six of them. All have the same data and the same first weights.",
    )
    sizes = tuple(sorted(size or n_train for size in chosen))
    left, right = st.columns([2, 3], gap="small")
    seeds = left.slider(
        "Seeds",
        1,
        MOST_SEEDS,
        key=kept("race_seeds", 5),
        help="Runs of each lane, with other first weights and another order of the rows, on the same data.",
    )
    right.segmented_control(
        "Each run gets the same",
        list(LIMIT_NAMES),
        key=kept("race_limit", "seconds"),
        format_func=LIMIT_NAMES.__getitem__,
        required=True,
        help="Computing time is the time spent on updates alone. With equal epochs all see the same number of rows.",
    )
    keep("race_seeds")
    limit = keep("race_limit")
    left, right = st.columns([2, 3], gap="small", vertical_alignment="bottom")
    with right:
        most = _most(limit, sizes, seeds, settings, n_train)
    scaled = left.toggle(
        "Rate ∝ B",
        key=kept("race_scaled", False),
        help="Off, all lanes have the sidebar's learning rate. On, a lane has it times B over the sidebar's batch "
        "size: the linear scaling rule (Goyal et al. 2017, arXiv 1706.02677).",
    )
    keep("race_scaled")
    if len(sizes) < 2:
        return None
    rules = Rules(sizes, seeds, limit, most, choices.batch_size(n_train) if scaled else None)
    st.html(f'<p class="mbgd-sum">{_length(rules, dataset, settings)}</p>')
    return rules


def _most(limit: str, sizes: Sequence[int], seeds: int, settings: Settings, n_train: int) -> float:
    """How long each run may go: what would take all runs together too long is not offered."""
    if limit == "seconds":
        allowed = [most for most in SECONDS if most * seeds * len(sizes) <= MOST_SECONDS]
    else:
        updates = seeds * sum(plan_epoch(n_train, size, settings.last_batch).updates for size in sizes)
        allowed = [most for most in EPOCHS if most * updates <= MOST_UPDATES] or EPOCHS[:1]
    key, unit, usual = ("race_seconds", "s of computing", 0.4) if limit == "seconds" else ("race_epochs", "epochs", 30)
    remembered = st.session_state.setdefault("kept", {}).get(key, usual)
    st.session_state[key] = max((most for most in allowed if most <= remembered), default=allowed[0])
    return st.select_slider(
        "How much each run gets",
        allowed,
        key=key,
        on_change=lambda: keep(key),
        format_func=lambda most: f"{most:g} {unit}",
        label_visibility="collapsed",
    )


def _length(rules: Rules, dataset: Dataset, settings: Settings) -> str:
    """What the race will take, said before it is run."""
    each = [rules.settings(settings, size, 0) for size in rules.batch_sizes]
    runs = f"{len(each)} lanes × {rules.seeds} run{'s' * (rules.seeds > 1)}"
    rates = [f"{one.learning_rate:.3g}" for one in each]
    rate = f"all at rate {rates[0]}" if rules.rate_for is None else f"at rates {', '.join(rates)}"
    if rules.limit == "seconds":
        computing = len(each) * rules.seeds * rules.most
        return (
            f"{runs} × {rules.most:g} s = <b>{computing:.3g} s of computing</b>, {rate}; with drawing about twice that."
        )
    n_train = len(dataset.X_train)
    updates = sum(one.epochs * plan_epoch(n_train, one.batch_size, one.last_batch).updates for one in each)
    takes = duration(_expected(dataset, settings, rules))
    return f"{runs} = <b>{updates * rules.seeds:,} updates</b>, about {takes} of computing here, {rate}."


@st.cache_resource(max_entries=64, show_spinner=False)
def _expected(_dataset: Dataset, settings: Settings, rules: Rules) -> float:
    return expected_seconds(_dataset, settings, rules)


def _suggested(key: str, suggestion: list[int], options: Sequence[int]) -> str:
    """Give a widget of several values what was last chosen, as far as it is still offered, or else a suggestion."""
    chosen = st.session_state.get(f"{key}_chosen")
    st.session_state[key] = [value for value in (suggestion if chosen is None else chosen) if value in options]
    return key


def _choose(key: str) -> None:
    st.session_state[f"{key}_chosen"] = st.session_state[key]


# --- the picture ---


def _draw(result: Race | None) -> None:
    axis, log_x, log_y = _switches()
    if result is None or not result.lanes:
        waiting("The loss of each batch size is drawn here live, with a band over the seeds.", LABEL, 28)
        return
    split, target = _split_and_target(result)
    names = tuple(map(lane_name, result.rules.batch_sizes))
    loss = "cross-entropy" if result.dataset.loss == "cross_entropy" else "mean squared error"
    draw(
        race_chart,
        (axis, log_x, log_y, f"{loss}, {SPLIT_NAMES[split]} rows", names),
        race_table(result, axis, split, target, log_x, log_y),
        key="race_chart",
        alt=f"Loss against {X_AXES[axis]} for {', '.join(names)}, with a band over the seeds and a line at the loss to "
        "reach; the table below has the numbers.",
    )
    st.html(prices_table(result, target, split))
    for sentence in failures(result):
        st.html(note("bad", escape(sentence)))
    if result.finished:
        show_claims(*race_claims(result))
    if st.session_state.pop("race_target_moved", False) and result.finished:
        st.rerun()  # the whole page: the answer is marked at the line as it stands now


def _switches() -> tuple[str, bool, bool]:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="race_switches"):
        st.segmented_control(
            "x-axis", list(X_AXES), key=kept("race_axis", "updates"), required=True, label_visibility="collapsed"
        )
        st.toggle("log x", key=kept("race_log_x", True))
        st.toggle("log loss", key=kept("race_log_y", True))
    log_x, log_y = keep("race_log_x"), keep("race_log_y")
    return keep("race_axis"), log_x, log_y


def _split_and_target(result: Race) -> tuple[str, float]:
    """Which rows' loss is drawn, and where the line stands that the lanes are to reach."""
    left, right = st.columns([2, 1], gap="medium", vertical_alignment="center")
    right.segmented_control(
        "Rows",
        list(SPLIT_NAMES),
        key=kept("race_split", "train"),
        format_func=SPLIT_NAMES.__getitem__,
        required=True,
        on_change=_note_move,  # another loss, another marking
        label_visibility="collapsed",
    )
    split = keep("race_split")
    with left:
        return split, _target(result, split)


def targets(result: Race, split: str) -> list[float]:
    """The losses to which the line can be moved, from that of the start down."""
    start = start_loss(result, split)
    return [start / TARGET_STEP**i for i in range(TARGETS)]


def _suggestion(result: Race, split: str) -> float:
    """A loss that most lanes reach, as the next of the slider's."""
    least = default_target(result, split)
    return min((target for target in targets(result, split) if target >= least), default=start_loss(result, split))


def _wanted(result: Race, split: str) -> float:
    """The loss to reach: where the learner has put the line for this data set, or else a suggestion."""
    chosen = st.session_state.get("race_target_chosen")
    if chosen and chosen["dataset"] is result.dataset:
        return min(targets(result, split), key=lambda target: abs(target - chosen["loss"]))
    return _suggestion(result, split)


def _target(result: Race, split: str) -> float:
    """The slider that moves the line. While nobody has moved it, it follows the suggestion, each time a new widget."""
    chosen = st.session_state.get("race_target_chosen")
    mine = chosen if chosen and chosen["dataset"] is result.dataset else None
    wanted = _wanted(result, split)
    key = mine["key"] if mine else f"race_target_{wanted:.6g}"

    def moved() -> None:
        # An overtaken redraw can make Streamlit call this for a widget that nobody has touched.
        if st.session_state[key] == wanted:
            return
        st.session_state["race_target_chosen"] = {
            "dataset": result.dataset,
            "key": key,
            "loss": st.session_state[key],
        }
        _note_move()

    return st.select_slider(
        "Loss to reach: move the line",
        targets(result, split)[::-1],
        wanted,
        key=key,
        format_func=lambda target: f"{target:.3g}",
        on_change=moved,
    )


def _note_move() -> None:
    st.session_state["race_target_moved"] = True


def _verdict(result: Race) -> Verdict:
    split = st.session_state.get("kept", {}).get("race_split", "train")
    target = _wanted(result, split)
    best = winners(prices(result, target, split))

    def who(axis: str) -> str:
        return " and ".join(map(lane_name, best[axis]))

    measured = (
        f"To reach {target:.3g}, {who('epochs')} took the fewest epochs and {who('updates')} the fewest updates."
        if best["epochs"]
        else f"None of the lanes reached {target:.3g}."
    )
    return Verdict(outcome(result, target, split), measured)
