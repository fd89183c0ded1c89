"""The words of Bias averaged again."""

from mbgd.ui.mistakes.words import Words

WORDS = Words(
    title="Bias averaged again",
    what=("The gradient of the biases is the mean of dZ over the batch, where dL/dŶ has averaged already."),
    symptom=("The weights learn as they should, the biases B times more slowly: easy to overlook."),
)
