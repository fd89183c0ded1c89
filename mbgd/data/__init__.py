"""Data to train on: real tables with their sources, and made-up sets whose noise and size can be chosen."""

from mbgd.data.catalogue import datasets, load
from mbgd.data.dataset import Dataset

__all__ = ["Dataset", "datasets", "load"]
