"""Tests of mbgd/experiments: identities hold to rounding, sampled values within their standard error."""
