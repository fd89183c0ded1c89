"""One gradient with and without a loop over the samples: three ways, their seconds and their memory."""
