"""Who may do what beyond one component's own roles: the boundary around all of them."""
