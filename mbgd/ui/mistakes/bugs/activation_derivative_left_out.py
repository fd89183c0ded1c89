"""f′(Z) left out: the words."""

from mbgd.ui.mistakes.words import Words

WORDS = Words(
    title="f′(Z) left out",
    what="The backward pass leaves out the derivative of the activation: dZ = dL/dA instead of dL/dA ∘ f′(Z).",
    symptom="The last layer still learns, so the loss falls. But the layers below move in a wrong direction.",
)
