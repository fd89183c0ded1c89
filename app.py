"""Train: the live lab, which opening the app shows."""

import mbgd
from mbgd.engine.core import Pass
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import descend
from mbgd.ui.frame.ending import show_next
from mbgd.ui.frame.menu import page_of
from mbgd.ui.frame.page import open_page, title
from mbgd.ui.frame.terms import marked
from mbgd.ui.kit.source import source_panel
from mbgd.ui.train.player import player

choices, dataset = open_page("Train")
title("What the batch size does", marked("one update per batch, live"))
player(choices, dataset)
loss = LOSSES[dataset.loss].with_derivative
formulas = (mbgd.minibatches, mbgd.dense_forward, loss, mbgd.dense_backward_batch, descend)
source_panel(
    "The code of this page",
    *formulas,
    Pass.calls,
    intro="One epoch in plain formulas: the batches, the forward and backward pass of a layer, the loss, and the step. "
    "**Train** does the same arithmetic with calls that are prepared once, in memory that is allocated once. The last "
    "function lists these calls. Tests check that both give the same weights.",
)
show_next(page_of("Train"))
