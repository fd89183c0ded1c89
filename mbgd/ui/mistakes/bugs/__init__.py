"""The words of the bugs, one file per bug. It has the same name as the bug's file of numbers, and a record, WORDS."""

from importlib import import_module
from pkgutil import iter_modules

from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.side_by_side import SideBySide
from mbgd.ui.mistakes.asked import Asked, only_the_correct_run, question
from mbgd.ui.mistakes.words import Lesson, Words


def find_words() -> dict[str, Words]:
    """The record of every file in this folder, by the file's name, in the order of the bugs."""
    found = {file.name: import_module(f"{__name__}.{file.name}").WORDS for file in iter_modules(__path__)}
    if alone := sorted(found.keys() ^ BUGS.keys()):
        raise ValueError(
            f"{alone[0]} must have a file in both folders: mbgd/experiments/mistakes/bugs and mbgd/ui/mistakes/bugs."
        )
    return {name: found[name] for name in BUGS}


BUG_WORDS = find_words()


def lessons() -> dict[str, Lesson]:
    """The lessons, by the bug's name, in the order of the bugs. A bug may have none."""
    return {name: words.lesson for name, words in BUG_WORDS.items() if words.lesson}


def question_of(name: str) -> Asked:
    """The question of a bug's lesson."""
    lesson, outcome = lessons()[name], BUGS[name].outcome

    def why(result: SideBySide) -> str:
        return only_the_correct_run(result) if outcome(result) == "lower" else ""

    return Asked(question(name, lesson.question, lesson.answers), outcome, lesson.sides, lesson.more, why)
