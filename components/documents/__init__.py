"""Uploads are scanned, read and converted on the side that received them."""
