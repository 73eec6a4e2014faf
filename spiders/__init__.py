"""Collection: one module per KIND of source. Run as `python -m spiders`; hub never imports it."""
