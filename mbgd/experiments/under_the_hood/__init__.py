"""One update in six variants, each with one more trick, and the cost of each."""
