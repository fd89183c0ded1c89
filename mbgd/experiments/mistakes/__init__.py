"""Mistakes that break training: the bugs, the checks that catch them, proofs, and runs side by side."""
