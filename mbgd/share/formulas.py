"""The engine's formulas as plain code for a script: their sources, without annotations."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any


def one_line(text: str) -> str:
    """Text that can neither end a docstring nor begin a line of code."""
    return " ".join(text.split()).replace("\\", "/").replace('"""', "'''")


def sources(functions: Sequence[Callable[..., Any]]) -> Iterator[str]:
    """The sources of functions without annotations, each after those functions of its module that it calls."""
    written: set[str] = set()

    def source(function: Callable[..., Any]) -> Iterator[str]:
        if function.__name__ in written:
            return
        written.add(function.__name__)
        for name in function.__code__.co_names:
            called = function.__globals__.get(name)
            if inspect.isfunction(called):
                yield from source(called)
        yield without_annotations(inspect.getsource(function))

    for function in functions:
        yield from source(function)


def without_annotations(source: str) -> str:
    """The source of a function with a plain header and the first paragraph of its docstring. Its comments stay."""
    source = textwrap.dedent(source)
    function = next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    arguments = function.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
        if argument:
            argument.annotation = None
    lines = source.splitlines()
    first, *others = function.body
    body = lines[first.lineno - 1 :]
    docstring = ast.get_docstring(function)
    if docstring and others:
        paragraph = " ".join(docstring.split("\n\n")[0].split())
        body = [f'    """{one_line(paragraph)}"""', *lines[first.end_lineno :]]
    return "\n".join([f"def {function.name}({ast.unparse(arguments)}):", *body])
