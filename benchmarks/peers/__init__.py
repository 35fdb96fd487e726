"""One bot per module, each a process of its own: `python MODULE ADDRESS PLACE`, where PLACE is what it may write to.

The three that are not ours import nothing of ours: they run in environments that hold the library alone.
"""
