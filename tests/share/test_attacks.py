"""Hostile values in a link: each is refused with one sentence, which says what was asked, the limit, and what is used.

tests/pages/test_attacks.py sees that these sentences are shown as text, and tests/protocol/test_raw_values.py sends
such values as a browser's widgets.
"""

import pytest

from mbgd.engine.checks import shown
from mbgd.share.address import from_query
from mbgd.share.choices import DEFAULT

SCRIPT = "<script>alert(1)</script>"
NUMBERS = (
    "-1",
    "1e9",
    "1e-3",
    "1e",
    "0x10",
    "1_000",
    "+16",
    " 16",
    "٣",
    "１６",
    "9" * 400,
    "nan",
    "16;16",
    "1.5",
    "",
    "16\x00",
)
NAMES = (SCRIPT, "", "RELU", "relu'--", "True", "__class__", "{{7*7}}", "${jndi:ldap://x}", "../../etc/passwd")
REALS = ("nan", "inf", "-inf", "1e999", "-0.1", "0,1", "..", "1e5", "9" * 400, "0x1p3", "__import__('os')", SCRIPT)
LAYERS = (
    "1-" * 500,
    "9999-9999",
    "-".join(["256"] * 7),
    "0",
    "-1",
    "16--16",
    "16.5",
    "none-16",
    SCRIPT,
    "16;import os",
)
OTHER_SETS = ("spiral\x00", "SPIRAL", "spiral ", "x" * 5000, "\u202elarips")
# The choice, the texts, and what the sentence says of the limit.
ATTACKS = [
    ("data", NAMES + OTHER_SETS, "must be one of"),
    ("size", NUMBERS, "from 20 to 2,000"),
    ("batch", NUMBERS, "from 1 to 100,000"),
    ("epochs", NUMBERS, "from 1 to 10,000"),
    ("seed", NUMBERS, "from 0 to 9,999"),
    ("validation", NUMBERS, "from 5 to 50"),
    ("rate", REALS, "at most 10"),
    ("noise", REALS, "at most 1"),
    ("hidden", LAYERS, "at most 6|from 1 to 256"),
    ("activation", NAMES, "must be one of"),
    ("mode", NAMES, "must be one of"),
    ("last", NAMES, "must be one of"),
    ("shuffle", NAMES, "must be one of"),
]
TABLE = [(name, text, limit) for name, texts, limit in ATTACKS for text in texts if (name, text) != ("noise", "0.1")]


def test_the_table_is_long():
    assert len(TABLE) > 80


@pytest.mark.parametrize(("name", "text", "limit"), TABLE)
def test_a_hostile_value_is_refused_in_one_sentence_and_the_default_stays(name, text, limit):
    choices, (sentence,) = from_query({name: text})
    assert choices == DEFAULT
    assert sentence.startswith(f"The link's “{name}={shown(text)[1:-1]}” can't be used. ")
    assert any(part in sentence for part in limit.split("|"))
    assert sentence.endswith(" instead.")
    assert len(sentence) < 400
    assert sentence.isprintable()  # nothing that reverses or hides the text around it
