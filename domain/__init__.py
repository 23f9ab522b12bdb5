"""Reference tables, names and decisions that need neither Pulumi nor AWS. Pure: everything else may import it."""
