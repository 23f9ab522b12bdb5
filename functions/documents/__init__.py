"""Uploads become text and pictures: the code behind the documents queue.

Thin shell: `handler`, `completion`, `erasure` over `store`. Pure core: all the other modules, bytes in and bytes out.
"""
