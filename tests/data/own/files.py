"""Files in the form in which people have them, with made-up numbers."""

import numpy as np


def airfoil(rows: int = 40) -> bytes:
    """Tabs, six columns of numbers, no header, Windows line ends: as airfoil self-noise is published."""
    numbers = np.random.default_rng(1).normal(100, 30, size=(rows, 6))
    return "".join("\t".join(f"{value:g}" for value in row) + "\r\n" for row in numbers).encode()


def titanic(rows: int = 60) -> bytes:
    """Commas, words in quotes, gaps, a number of the passenger, a name that is never the same."""
    lines = ["PassengerId,Survived,Pclass,Name,Sex,Age,Cabin,Embarked"]
    for i in range(1, rows + 1):
        age, cabin = "" if i % 5 == 0 else 20 + i / 2, f"C{i}" if i % 2 == 0 else ""
        sex = "male" if i % 3 else "female"
        lines.append(f'{i},{i % 2},{i % 3 + 1},"Braund, Mr. ""{i}""",{sex},{age},{cabin},{"SCQ"[i % 3]}')
    return "\n".join(lines).encode()


def european(encoding: str = "cp1252", rows: int = 30, first: str = "") -> bytes:
    """Semicolons, decimal commas, dots between thousands, umlauts, Windows line ends."""
    lines = [f"{first}Größe;Länge;Preis"] + [f"{i},5;{2 * i},25;1.{i:03d},5" for i in range(1, rows + 1)]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def iris() -> bytes:
    """As scikit-learn ships it: the first line has numbers of rows and features, and the classes."""
    return shipped("150,4,setosa,versicolor,virginica", np.random.default_rng(2).normal(5, 1, size=(150, 4)))


def wine() -> bytes:
    """As scikit-learn ships it: the first line has fewer cells than the others."""
    return shipped("178,13,class_0,class_1,class_2", np.random.default_rng(3).normal(5, 1, size=(178, 13)))


def shipped(first, numbers) -> bytes:
    """A first line, and numbers with a class from 0 to 2 in each row."""
    rows = (",".join(f"{value:.2f}" for value in row) + f",{i % 3}" for i, row in enumerate(numbers))
    return "\n".join([first, *rows]).encode()


def table(header: str, row, rows: int = 12) -> bytes:
    """A header, and row(i) for each row."""
    return "\n".join([header, *(row(i) for i in range(rows))]).encode()
