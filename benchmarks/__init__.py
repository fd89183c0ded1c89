"""Measurements, each with the command that makes it in its first lines."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported: as the app does
