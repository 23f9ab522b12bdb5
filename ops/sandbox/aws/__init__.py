"""What moto is taught where AWS does otherwise, and how it is set."""
