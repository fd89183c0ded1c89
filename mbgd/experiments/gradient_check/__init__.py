"""Backpropagation compared with difference quotients, and the meaning of their differences."""
