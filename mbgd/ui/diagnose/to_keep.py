"""What to keep of the page Diagnose, by the numbers of the runs that were made."""

from collections.abc import Mapping
from typing import Any

from mbgd.experiments.diagnose.diagnosis import OVERFITS
from mbgd.experiments.diagnose.watch import Watched
from mbgd.ui.diagnose import meanings, remedies, watch
from mbgd.ui.diagnose.words import diagnosis_in_words, number


def to_keep(results: Mapping[str, Any], elsewhere: Mapping[str, str] | None = None) -> list[str]:
    """The sentences of all runs that are complete, by the keys of their experiments.

    elsewhere: of the runs of parts that are not shown, the settings in words, which may differ from those shown.
    """
    sentences = []
    for key, result in results.items():
        *others, last = OF_PARTS[key](result)
        made = (elsewhere or {}).get(key)
        sentences += [*others, f"{last} (Run with: {made}.)" if made else last]
    return sentences


def of_run(run: Watched) -> list[str]:
    """What the curves said, and what it means for the network that one keeps."""
    found = run.diagnosis
    if found.kind != OVERFITS:
        return [
            diagnosis_in_words(run),
            f"Of this run, keep the network of epoch {found.since:,}. Its validation loss is the lowest: "
            f"{number(found.lowest)}.",
        ]
    return [
        diagnosis_in_words(run),
        f"A lower training loss is not always better: the network of epoch {found.since:,} is the one to keep. On rows "
        f"that it has not seen, its loss is {number(found.lowest)} instead of {number(found.val)}.",
    ]


OF_PARTS = {watch.QUESTION.key: of_run, remedies.KEY: remedies.to_keep, meanings.KEY: meanings.to_keep}
