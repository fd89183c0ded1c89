"""What Train measures besides its run: three batch sizes side by side, and a rate that does not diverge."""
