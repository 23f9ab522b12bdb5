"""Who touched what, and when: the trail's files read back, on the local cloud and on AWS."""
