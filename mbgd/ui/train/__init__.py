"""The parts of the page Train: the player, its run and the numbers of the run."""
