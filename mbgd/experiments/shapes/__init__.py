"""The page Shapes: the update that it walks through, its wrong expressions, and what doubles with the batch."""
