"""The pictures of the page Train: the loss, and what the network predicts."""
