"""How much data of your own may be."""

MOST_BYTES = 10_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 200  # of a file, and of the inputs made from it
MOST_VALUES = 20  # different words of a column that becomes inputs, and classes of a target
FEWEST_ROWS = 10
LARGEST = 1e300  # float64 ends at 1.8e308, and differences and sums need room
LONGEST_NAME = 100  # characters of a column's name that are kept
