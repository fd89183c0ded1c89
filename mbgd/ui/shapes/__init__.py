"""The parts of the page Shapes: the walk, its tiles, the wrong expressions, and what doubles."""
