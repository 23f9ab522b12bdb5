"""Shows where data are: which dataset lives where, encrypted by which key, copied to where by what."""
