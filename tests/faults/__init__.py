"""The hub's processes are killed, its broker and mail server fail; nothing is lost and nothing is doubled that need not be."""
