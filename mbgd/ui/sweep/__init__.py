"""What the page Sweep says: its controls, where its runs are made, its question and its pictures."""
