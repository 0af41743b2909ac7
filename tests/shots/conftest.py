"""Pictures are taken by `./hub shots` alone: they prove nothing by themselves, a person has to look at them."""

import os

collect_ignore = [] if os.environ.get("HUB_SHOTS") else ["test_pictures.py"]
