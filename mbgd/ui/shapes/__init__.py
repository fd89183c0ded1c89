"""The parts of the page Shapes: the walk, its tiles and steps, the wrong expressions, and the doubled batch."""
