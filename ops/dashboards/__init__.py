"""A cell's dashboards, looked at before anything is deployed."""
