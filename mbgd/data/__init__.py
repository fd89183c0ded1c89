"""Data to train on: real tables with their sources, and made-up sets with a noise and a size to choose."""

from mbgd.data.catalogue import datasets, load
from mbgd.data.dataset import Dataset

__all__ = ["Dataset", "datasets", "load"]
