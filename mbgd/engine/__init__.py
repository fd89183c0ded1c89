"""The mathematics of batch gradient descent, in reading order.

activations -> losses -> dense -> network -> batches -> training -> trace

NumPy and the standard library, nothing else.
"""
