"""Measures of our decisions against cases that people judged: one module a decision. Pure."""
