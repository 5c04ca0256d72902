"""Pure numbers from what was read: no I/O, no HTML. Floor 3."""
