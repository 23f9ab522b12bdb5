"""Passwords change by themselves: the code behind Secrets Manager's rotation of a side's secrets.

Thin shell: `handler` over `vault` (Secrets Manager), `database`, `cache` and `peer` (the other side's function). What
is done in which order, and what is refused, is in `steps`, `accounts` and `tokens`.
"""
