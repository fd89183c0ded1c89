"""The race of batch sizes and its prices, the loss surface, the noise of a batch, and all batches listed."""
