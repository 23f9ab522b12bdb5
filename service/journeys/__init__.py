"""The four patient journeys as small endpoints: book, consult, prescribe, pay.

Layers: ``routes`` (handlers) -> ``clinics`` (who asks), ``forms`` (what is asked), ``desk`` (the rules), ``calendar``
(what repeats, through the cache) -> ``ledger`` (once and only once), ``shelf`` (the cache), ``schema`` (tables).
``worker`` makes the tables and publishes what the ledger has noted in the outbox; ``listener`` works off the queues in
which it arrives, and ``notices`` keeps what it tells.
"""
