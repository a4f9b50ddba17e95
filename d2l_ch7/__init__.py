"""The optimization chapter of *Dive into Deep Learning* (first edition, PyTorch port), runnable.

``import d2l_ch7 as d2l`` stands in for the book's helper package. This module only names what the
package offers: each name is defined, and documented, in the module that it is imported from.
"""

from matplotlib import pyplot as plt

from d2l_ch7 import descent, optimizers, plotting
from d2l_ch7.basics import data_iter, linreg, sgd, squared_loss
from d2l_ch7.ch7 import show_trace_2d, train_2d, train_ch7, train_pytorch_ch7
from d2l_ch7.data import get_data_ch7
from d2l_ch7.figures import semilogy, set_figsize, use_svg_display
from d2l_ch7.training import History, fit, fit_torch

__version__ = "0.1.0"

__all__ = [
    "History", "data_iter", "descent", "fit", "fit_torch", "get_data_ch7", "linreg", "optimizers",
    "plotting", "plt", "semilogy", "set_figsize", "sgd", "show_trace_2d", "squared_loss",
    "train_2d", "train_ch7", "train_pytorch_ch7", "use_svg_display",
]  # fmt: skip
