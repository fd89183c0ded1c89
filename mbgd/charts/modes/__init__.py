"""The pictures of the page Three modes: the race, the loss surface, and the noise of a batch."""
