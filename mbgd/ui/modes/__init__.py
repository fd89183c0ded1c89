"""The parts of the page Three modes: the race, the loss surface, the noise of a batch, all batches of six rows."""
