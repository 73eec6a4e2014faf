"""What an item speaks of, for whom, and why we say so. Pure: texts in, tags out.

`reading` finds words and references, `rules` weighs them into dispositifs, `deduction` draws
filières, métiers and sectors from those, `noise` says what is useless. `hub.tagging.rules.Tagger`
is the way in.
"""
