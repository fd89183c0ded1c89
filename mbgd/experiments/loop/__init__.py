"""One gradient with and without the loop over samples: the ways, their seconds and their memory."""
