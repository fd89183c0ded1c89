"""The parts of the page Common mistakes: the bugs, the learning rate, and the epochs."""
