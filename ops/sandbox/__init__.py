"""A local AWS, filled by the real program: no account, no network, real API calls, real ids."""
