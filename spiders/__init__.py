"""Collection: one module per KIND of source. Run as `python -m spiders`; hub never imports it."""

import gc

gc.set_threshold(10_000, 10, 50)
"""Loading makes many objects and no garbage: looking for it takes a fifth of the time."""
