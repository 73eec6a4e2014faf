"""HDMCR: collect, sort, review and publish what changes for each métier."""

__version__ = "0.1.0"
