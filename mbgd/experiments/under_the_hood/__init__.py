"""One update with one trick more each time, and what each costs."""
