"""Tests of mbgd/experiments: the identities to rounding, what is sampled within its own standard error."""
