"""The starter release: the web service that an instance runs until the customer's own release is configured.

It is small but real: it serves HTTPS, talks to the side's own database, cache and buckets, and says truthfully whether
it can. The four patient journeys are a beginning (``journeys``). It imports nothing from the program that builds the
platform.

Layers: ``app``, ``continuity``, ``gate`` (handlers) -> ``readiness``, ``identity``, ``markers`` (logic) ->
``database``, ``rows``, ``cache``, ``bucket``, ``sts`` (stores). A further endpoint is a handler that is given the
stores it needs; pool, secrets and errors are ready for it.
"""
