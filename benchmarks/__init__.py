"""Measurements, each with the command that makes it in its first lines."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported: as the app does
# Some environments bind OpenBLAS to the kernels of an old processor. Here it chooses its own, as PyTorch and JAX do.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
