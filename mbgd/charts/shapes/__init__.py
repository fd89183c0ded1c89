"""The pictures of the page Shapes: arrays as tiles, and the colours of the letters."""
