"""The numbers of a run, in words and tiles."""

import math
from collections.abc import Sequence
from html import escape

from mbgd.charts.batch_sizes import batch_name
from mbgd.charts.layers import X_AXES
from mbgd.charts.words import computing_time, count, duration
from mbgd.data.dataset import Dataset
from mbgd.engine.evaluation import Evaluation
from mbgd.experiments.train.seen import GROWN, Lane
from mbgd.ui.kit.experiment import OF_OTHER_SETTINGS
from mbgd.ui.kit.html import note, summed, tiles, without_tags
from mbgd.ui.kit.pace import Speed
from mbgd.ui.train.compared import Compared, button_label, comparison_status
from mbgd.ui.train.run import Run

ROWS_NAMED = 24
OF_RMSE = (
    "The loss is computed with the standardised target. RMSE is the root mean squared error over the same rows, in the "
    "unit of the target."
)
SPLIT_TITLES = {"train": "Training loss", "val": "Validation loss"}


def progress(run: Run, speed: Speed) -> tuple[float, str]:
    """The finished share of the run, and a line of text about it."""
    training = run.training
    done, total, plan = training.updates_done, training.total_updates, training.plan
    epoch = -(-done // plan.updates)  # the epoch in progress, or the one just ended
    text = f"Epoch {epoch:,} of {training.epochs:,} · update {done:,} of {total:,}"
    left = _seconds_left(run, speed.updates_a_second(plan.updates))
    if run.playing and left is not None:
        text += f" · {duration(left)} left"
    elif training.finished:
        text += " · finished"
    elif training.diverged:
        text += f" · diverged at update {done + 1:,}"
    elif done:
        text += " · paused"
    return min(done / total, 1.0), text


def _seconds_left(run: Run, pace: float | None) -> float | None:
    left = run.training.total_updates - run.training.updates_done
    measured = run.updates_a_second
    if measured is None:
        return None if pace is None else left / pace
    return left / measured


def run_tiles(run: Run, speed: Speed) -> str:
    """The numbers as tiles: the losses over all rows at the current weights, accuracy or error, rate and speed."""
    training, dataset = run.training, run.dataset
    rows_a_second = training.samples_seen / training.seconds if training.seconds else 0.0
    full_speed = speed.updates_a_second(1) is None and run.pacer.wall_seconds > 1
    engine = f"{run.pacer.engine_seconds / run.pacer.wall_seconds:.0%} of the time" if full_speed else ""
    shown = []
    for split, title in SPLIT_TITLES.items():
        now = training.evaluate(split)
        after = f"after update {training.updates_done:,}" if training.diverged else _in_plain_terms(dataset, now)
        shown.append((title, _loss(now.loss), after if math.isfinite(now.loss) else ""))
    shown.append(("Learning rate", f"{training.learning_rate:g}", ""))
    pace = (f"{rows_a_second:,.0f}", "per s") if rows_a_second else ("–", "")
    shown.append(("Rows per second", *pace))
    shown.append(("Computing time", computing_time(training.seconds), engine))
    return tiles(shown) + ("" if dataset.classes else f'<p class="mbgd-uses">{OF_RMSE}</p>')


def _loss(loss: float) -> str:
    return f"{loss:.4g}" if math.isfinite(loss) else "overflow"


def _in_plain_terms(dataset: Dataset, now: Evaluation) -> str:
    if now.accuracy is not None:
        return f"accuracy {now.accuracy:.1%}"
    return f"RMSE {dataset.error_in_units(now.loss):.3g} {dataset.target_unit}"


def batch_sentence(run: Run) -> str:
    """The rows of the last batch, and the loss of these rows before and after the update."""
    last = run.training.last
    if last is None:
        return summed("<b>This batch</b> No update yet. Press <b>Step 1 update</b> to see one batch.")
    after = run.training.loss_of(last.rows)
    plan = run.training.plan
    number = (last.update - 1) % plan.updates + 1
    numbers = run.dataset.rows_train[last.rows] + 1
    named = ", ".join(map(str, numbers[:ROWS_NAMED]))
    if len(numbers) > ROWS_NAMED:
        named += f" and {len(numbers) - ROWS_NAMED:,} more"
    before = _loss(last.loss)
    if before == _loss(after):
        arrow = "=" if after == last.loss else "≈"
    else:
        arrow = "↓" if after < last.loss else "↑"  # NaN is not less than the loss before
    return summed(
        f"<b>This batch</b> Update {last.update:,} (epoch {last.epoch:,}, batch {number:,} of "
        f"{plan.updates:,}): its loss {before} before → <b>{_loss(after)}</b> after {arrow}<br>"
        f"{count(len(numbers), 'row')} of the data set: {named}"
    )


def spoken(run: Run) -> str:
    """What a screen reader hears of the run: that it has begun, its losses once it stands, and that its settings have
    changed. Constant in between."""
    training, compared = run.training, run.compared
    if run.compared_stale if compared else run.stale:
        return f"{'Comparison' if compared else 'Training'}: {OF_OTHER_SETTINGS}"
    if compared:
        told = without_tags(comparison_status(compared, stale=False)[1])
        state = "Finished" if compared.comparison.ended else "Paused"
        return "Comparison is running." if compared.playing else f"{state}. {told}"
    if run.playing:
        return "Training is running."
    if not training.updates_done:
        return "Not trained yet."
    state = "Finished" if training.finished else "Diverged" if training.diverged else "Paused"
    if run.grown > 1:
        state = "Diverged" if run.grown > GROWN else "Finished above the first loss"
    losses = (f"{title} {_loss(training.evaluate(split).loss)}" for split, title in SPLIT_TITLES.items())
    return f"{state} at update {training.updates_done:,}. {', '.join(losses)}."


def loss_in_words(axis: str) -> str:
    """The loss chart of a run in words, without its results: the browser builds a chart again if its words change."""
    return f"Loss against {X_AXES[axis]}: of each batch, of all training rows, of all validation rows."


def losses_in_words(compared: Compared, axis: str) -> str:
    """The chart of a comparison in words, without its results."""
    lanes = compared.comparison.lanes
    return f"Training loss of {', '.join(batch_name(lane.batch_size) for lane in lanes)} against {X_AXES[axis]}."


def results_of_run(run: Run) -> list[str]:
    """What the loss chart and the picture show, in words, once the run stands; none while it plays, or before it."""
    training = run.training
    if run.playing or not training.updates_done:
        return []
    losses = {split: training.evaluate(split) for split in SPLIT_TITLES}
    lowest = min([training.start["train"].loss, *training.history.train_loss, losses["train"].loss])
    diverged = " The run diverged at the next update." if training.diverged else ""
    now = ", ".join(f"{name} {_loss(losses[split].loss)}" for split, name in SPLIT_TITLES.items())
    rows = {split: _in_plain_terms(run.dataset, evaluated) for split, evaluated in losses.items()}
    return [
        f"After update {training.updates_done:,}: {now}. Lowest training loss: {lowest:.4g}.{diverged}",
        f"Training rows: {rows['train']}. Validation rows: {rows['val']}.",
    ]


def results_of_comparison(compared: Compared) -> list[str]:
    """What the loss chart of a comparison shows, in words, once it stands; none while it plays, or before it."""
    if compared.playing or not compared.comparison.done:
        return []
    results = (f"{batch_name(lane.batch_size)}: {_result(lane)}" for lane in compared.comparison.lanes)
    return [f"After {count(compared.comparison.done, 'epoch')}: {'; '.join(results)}."]


def spoken_results(results: Sequence[str]) -> str:
    """The results of the live part's charts, in their order, for screen readers; page.js ties them to the charts."""
    return "".join(
        f'<p class="mbgd-spoken" id="mbgd-results-{chart}">{escape(words)}</p>' for chart, words in enumerate(results)
    )


def _result(lane: Lane) -> str:
    ended = f"diverged at update {lane.diverged:,}" if lane.diverged is not None else f"loss {lane.last:.3g}"
    return f"{ended}, lowest {lane.train_loss.min():.3g}"


def status(run: Run) -> str:
    """One or two sentences below the buttons: the state of the run, and what the learner can do next."""
    return note(*_status(run))


def _status(run: Run) -> tuple[str, str]:
    if run.compared:
        return comparison_status(run.compared, run.compared_stale)
    training = run.training
    n_train, batch = len(run.dataset.X_train), training.plan.batch_size
    if run.stale:
        where = "in the chart" if run.comparable else "in the list of earlier runs"
        return "changed", (
            f"Changed since this run: {escape('; '.join(run.changes))}. Press <b>Train</b>, or take a step, to start a "
            f"new network with these settings. The old run stays {where}."
        )
    if training.diverged:
        return "bad", divergence_sentence(run)
    if training.finished:
        asked = run.choices.epochs
        past = f", more than the {count(asked, 'epoch')} now chosen" if asked < training.epochs else ""
        made = f"{count(training.epochs_done, 'epoch')}, {count(training.updates_done, 'update')}{past}"
        if run.grown > 1:
            what = "has diverged" if run.grown > GROWN else "ends above its start"
            return "bad", (
                f"Trained for {made}: the training loss {what} ({_loss(training.start['train'].loss)} → "
                f"{_loss(training.evaluate('train').loss)}). Lower the <b>Learning rate</b> and "
                "train again."
            )
        return "good", (
            f"Finished: {made}. Raise <b>Epochs</b> in the sidebar to go on with this network, or change another "
            "setting and train again to compare."
        )
    which = {1: "one training row", n_train: f"all {n_train:,} training rows"}.get(
        batch, f"{batch:,} of the {n_train:,} training rows"
    )
    gradient = "uses the gradient" if batch == 1 else "averages the gradients"
    text = f"Each update {gradient} of <b>{which}</b> and changes the weights once."
    if training.plan.last_rows < batch:
        text += f" The last batch of an epoch has {count(training.plan.last_rows, 'row')}."
    if training.updates_done == 0:
        name = button_label(run.choices, n_train)
        text = (
            f"Press <b>{name}</b> to see what the batch size does. Or press <b>Train</b> for one network, or "
            f"<b>Step 1 update</b>. {text}"
        )
    return "plain", text


def divergence_sentence(run: Run) -> str:
    """The update that failed, its loss and learning rate, and what to try next."""
    failure, training = run.training.failure, run.training
    if failure is None:
        return ""
    rate, batch = training.learning_rate, len(failure.rows)
    larger = ", or a larger batch" if training.plan.updates > 1 else ""
    beyond = "not a number" if math.isnan(failure.loss) else "larger than any number the computer can hold"
    return (
        f"Diverged at update {failure.update:,} (epoch {failure.epoch:,}, a batch of {batch:,}) with learning rate "
        f"{rate:g}. Each step overshot more than the one before, until the loss ({failure.loss:g}) was {beyond}. "
        f"{_advice(run)}{larger}."
    )


def _advice(run: Run) -> str:
    """The learning rate to try, from the search after a divergence."""
    safe = run.advice.safe if run.advice else None
    if safe is None:
        return "The app is looking for a learning rate that does not diverge here: try a smaller one"
    if safe.rate is None:
        return "Every smaller learning rate of the slider diverged here, too. Try other layers or another activation"
    return (
        f"Try a learning rate of {safe.rate:g}: the app tried it for {safe.epochs:,.3g} epochs, and it did not diverge"
    )
