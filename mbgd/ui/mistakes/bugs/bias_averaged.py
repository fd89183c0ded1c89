"""Bias averaged again: the words."""

from mbgd.ui.mistakes.words import Words

WORDS = Words(
    title="Bias averaged again",
    what="The gradient of the biases is the mean of dZ over the batch, although dL/dŶ is averaged already.",
    symptom="The weights learn correctly, but the biases learn B times more slowly. This is easy to miss.",
)
