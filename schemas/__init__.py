"""What travels on the topics: the Avro schemas and the codec between them and numpy/Python.

``*.avsc`` is the only place where a message is defined. ``frames`` and ``records`` give each
schema its in-memory form (a test holds them equal), ``codec`` goes to and fro.
"""
