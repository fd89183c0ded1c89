"""The pictures of the page Train: the loss, and the network's predictions."""
