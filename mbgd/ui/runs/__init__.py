"""The parts of the page Runs: the table, the curves, one run, and the files."""
