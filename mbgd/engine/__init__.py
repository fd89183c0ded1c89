"""The mathematics of batch gradient descent, in reading order.

activations -> losses -> dense -> network -> batches -> trace: the formulas
core -> updates -> training -> stack: the same, on memory allocated once

NumPy and the standard library, nothing else.
"""
