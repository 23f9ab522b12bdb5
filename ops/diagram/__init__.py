"""A cell as a picture, drawn from what its program registered."""
