"""A cell's MySQL: the credentials that both sides share, and each side's instance, primary or replica."""
