"""The bugs in words, one file each: the words, WORDS, of the bug whose numbers are in a file of the same name."""

from importlib import import_module
from pkgutil import iter_modules

from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.ui.mistakes.asked import Asked, question
from mbgd.ui.mistakes.words import Lesson, Words


def find_words() -> dict[str, Words]:
    """The words of every file in this folder by the file's name, in the order of the bugs."""
    found = {file.name: import_module(f"{__name__}.{file.name}").WORDS for file in iter_modules(__path__)}
    if alone := sorted(found.keys() ^ BUGS.keys()):
        raise ValueError(f"{alone[0]} must have a file in both folders of bugs: one of numbers, one of words.")
    return {name: found[name] for name in BUGS}


BUG_WORDS = find_words()


def lessons() -> dict[str, Lesson]:
    """The lessons of the bugs that have one, in their order."""
    return {name: words.lesson for name, words in BUG_WORDS.items() if words.lesson}


def question_of(name: str) -> Asked:
    """What is asked in the lesson of a bug."""
    lesson = lessons()[name]
    return Asked(question(name, lesson.question, lesson.answers), BUGS[name].outcome, more=lesson.more)
