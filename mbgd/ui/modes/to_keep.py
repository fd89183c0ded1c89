"""What to keep of the page Three modes, by the numbers of the runs that were made."""

from collections.abc import Callable, Mapping
from typing import Any

from mbgd.charts.batch_sizes import batch_name
from mbgd.charts.words import figures, in_milliseconds
from mbgd.experiments.modes.exhaustion import AllBatches, mean_is
from mbgd.experiments.modes.noise import Noise, agrees, quarter_pair
from mbgd.experiments.modes.prices import Price
from mbgd.experiments.modes.race import Race
from mbgd.experiments.modes.surface import Descent, ratio_of_lengths
from mbgd.ui.modes.prices import lane_names
from mbgd.ui.modes.race import marked_decision

AMOUNT: dict[str, Callable[[float], str]] = {
    "epochs": lambda paid: f"{paid:.3g}",
    "updates": figures,
    "seconds": in_milliseconds,
}
LEAST = {"epochs": "the fewest epochs", "updates": "the fewest updates", "seconds": "the least computing time"}


def to_keep(results: Mapping[str, Any], elsewhere: Mapping[str, str] | None = None) -> list[str]:
    """The sentences of all runs that are complete, by the keys of their experiments.

    elsewhere: of the runs of parts that are not shown, the settings in words, which may differ from the sidebar's.
    """
    sentences = []
    for key, result in results.items():
        *others, last = OF_PARTS[key](result)
        made = (elsewhere or {}).get(key)
        sentences += [*others, f"{last} (Run with: {made}.)" if made else last]
    return sentences


def of_race(race: Race) -> list[str]:
    """Which batch size needed least on each axis, or that none did."""
    sizes = ", ".join(batch_name(lane.batch_size) for lane in race.lanes)
    if all(lane.diverged for lane in race.lanes):
        return [f"{sizes}: all diverged. No batch size helps if the learning rate is too large."]
    decision = marked_decision(race)
    target, best = decision.target, decision.winners
    if not all(best[axis] for axis in AMOUNT):
        return [f"{sizes}: none reached a training loss of {target:.3g}."]
    by_size = {price.batch_size: price for price in decision.prices}
    epochs, updates, seconds = (_fewest(axis, best[axis], by_size) for axis in AMOUNT)
    sentences = [f"To reach a training loss of {target:.3g}, {epochs}, {updates}, and {seconds}."]
    everywhere = set.intersection(*(set(best[axis]) for axis in AMOUNT))
    if everywhere:
        shared = " or tied for the best" if any(len(best[axis]) > 1 for axis in AMOUNT) else ""
        name = batch_name(min(everywhere))
        sentences.append(f"In this race, {name} was best{shared} in epochs, in updates and in time.")
    else:
        sentences.append(
            "No batch size was best in epochs, in updates and in computing time. The best batch size depends on "
            "what you count."
        )
    failed = [lane for lane in race.lanes if lane.failures]
    lanes = ", ".join(f"{len(lane.failures)} of {batch_name(lane.batch_size)}" for lane in failed)
    return [*sentences, f"Runs that diverged, of {race.rules.seeds} each: {lanes}."] if failed else sentences


def _fewest(axis: str, sizes: tuple[int, ...], paid: dict[int, Price]) -> str:
    """Who needed the least on an axis, and how much."""
    amounts = " and ".join(AMOUNT[axis](getattr(paid[size], axis)) for size in sizes)
    tie = ", a tie" if len(sizes) > 1 else ""
    return f"{lane_names(sizes)} needed {LEAST[axis]} ({amounts}{tie})"


def of_surface(found: Descent) -> list[str]:
    """How long the paths were."""
    small, large = found.paths[0], found.paths[-1]
    names = f"{batch_name(small.batch_size)} and {batch_name(large.batch_size)}"
    if found.all_climb:
        edge = f"the edge of stability is {found.surface.limit:.3g}"
        return [f"On the surface, {names} both climbed at η = {found.rate:g}: {edge}."]
    ratio = ratio_of_lengths(found)
    return [
        f"On the surface, the path of {batch_name(small.batch_size)} was {ratio:.3g} times as long as the path of "
        f"{batch_name(large.batch_size)}."
    ]


def of_noise(found: Noise) -> list[str]:
    """How the noise fell from B to 4·B, and whether the formula predicted it."""
    small, large = quarter_pair(found.sizes)
    if not found.squared[small]:
        return ["At these weights, the gradient of a batch had no noise."]
    measured = found.squared[large] / found.squared[small]
    predicted = found.predicted[large] / found.predicted[small]
    right = agrees(found)
    formula = "The formula" if right[small] and right[large] else "But the formula"
    return [
        f"From B = {found.sizes[small]:,} to {found.sizes[large]:,}, the noise of a batch fell to {measured:.3g} of "
        f"its value. {formula} S²/B · (1 − B/N) predicts {predicted:.3g}."
    ]


def of_exhaustion(sizes: tuple[AllBatches, ...]) -> list[str]:
    """Whether the mean of all batch gradients is the full gradient."""
    worst = max(sizes, key=lambda found: found.bias)
    batches = sum(len(found.rows) for found in sizes)
    if mean_is(worst) != "full":
        return [
            f"{batches} batches listed: the mean of the batch gradients differs from the full gradient by up to "
            f"{worst.bias:.1e}."
        ]
    return [
        f"{batches} batches listed: for every B, the mean of the batch gradients equals the full gradient. The largest "
        f"difference is {worst.bias:.1e}, which is rounding."
    ]


OF_PARTS: dict[str, Callable[[Any], list[str]]] = {
    "race": of_race,
    "surface": of_surface,
    "noise": of_noise,
    "exhaustion": of_exhaustion,
}  # by the keys of the experiments
