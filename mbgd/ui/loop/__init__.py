"""The parts of the page Remove the last loop: the three ways and their times, and memory."""
