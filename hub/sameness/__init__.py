"""Which mentions speak of one update, whatever the order in which they came. Pure.

`reading` draws from a mention what can be compared, `verdict` compares two, `clustering` gathers a
whole set, `nearness` finds what an editor should look at. Nothing here depends on when a mention
arrived: the same set of mentions always gives the same groups and the same proposals.
"""
