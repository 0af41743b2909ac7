"""The demonstration: two teams that could be real, with bookings around today. Loaded by `manage.py seed_demo`."""
