"""The mathematics of batch gradient descent, in reading order.

activations -> losses -> dense -> network -> batches -> plain -> trace: the formulas, and the training loop in the open
settings -> splits -> evaluation -> history -> training: a run
prepared -> core -> updates -> stack: the same arithmetic, on memory allocated once

NumPy and the standard library, nothing else.
"""
