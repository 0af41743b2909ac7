"""The live feed over the real thing: history, streams, and pages that two people look at."""
