"""Live order entry: signed approvals in the log → a venue, and what it answers → the log.

``session.py`` is the pure contract that every venue keeps, ``adapter.py`` the one driver.
"""
