"""The pictures of the page Shapes: arrays as tiles, and the steps in words."""
