"""The live feed: one tail over the history for the whole process, who may hear of what, and the streams that tell it.

Events only say "load again", so that telling something twice does no harm. What a page shows is decided by its own address.
"""
