"""Benchmarks: the first lines of each file give the command that runs it."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported, as in the app
# Some environments tie OpenBLAS to the kernels of an old processor. Here it chooses its own, as PyTorch and JAX do.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
