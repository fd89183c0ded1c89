"""Claims: each prediction beside its measured number. Words say whether they agree, not colours alone."""

from mbgd.ui.kit.claims import Claim, claims_table, outcome
from tests.pages.app import numbers


def test_a_claim_shows_both_numbers_and_whether_they_agree():
    html = claims_table([Claim("a < b", "1.0", "1.1", True), Claim("c", "2.0", "3.5", False)])
    assert "a &lt; b" in html
    assert html.index("1.0") < html.index("1.1") < html.index("✓ agrees") < html.index("2.0") < html.index("✕ differs")
    assert html.count("<tr>") == 3


def test_the_outcome_counts_the_claims_that_differ():
    right, wrong = Claim("a", "1", "1", True), Claim("b", "1", "2", False)
    assert outcome([right]) != outcome([wrong])
    assert [numbers(outcome(claims)) for claims in ([right] * 4, [right, wrong], [wrong] * 3)] == [
        [4, 4],
        [1, 2],
        [0, 3],
    ]
