"""Tests of mbgd/data: what a learner trains on is what the source says, split and scaled as promised."""
