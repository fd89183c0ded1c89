"""What the page Runs computes."""
