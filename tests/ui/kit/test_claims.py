"""Claims: each prediction beside its measured number. Words say whether they agree, not colours alone."""

from mbgd.ui.kit.claims import Claim, claims_table


def test_a_claim_shows_both_numbers_and_whether_they_agree():
    html = claims_table([Claim("a < b", "1.0", "1.1", True), Claim("c", "2.0", "3.5", False)])
    assert "a &lt; b" in html
    assert html.index("1.0") < html.index("1.1") < html.index("✓ agrees") < html.index("2.0") < html.index("✕ differs")
    assert html.count("<tr>") == 3
