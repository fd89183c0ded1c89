"""The words of f′(Z) left out."""

from mbgd.ui.mistakes.words import Words

WORDS = Words(
    title="f′(Z) left out",
    what=("The way back forgets the activation's derivative: dZ = dL/dA in place of dL/dA ∘ f′(Z)."),
    symptom=("The last layer still learns, so the loss falls; the layers below are pushed in a wrong direction."),
)
