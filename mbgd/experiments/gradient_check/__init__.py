"""Backpropagation against difference quotients, and what their differences say."""
