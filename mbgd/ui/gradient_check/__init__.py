"""The parts of the page Gradient check."""
