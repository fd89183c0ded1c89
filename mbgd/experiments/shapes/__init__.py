"""Which update the page Shapes walks through, its wrong expressions, and what doubles with the batch."""
