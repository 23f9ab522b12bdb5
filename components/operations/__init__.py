"""Who on a side is told of what, beside alarms: events of the services, and addresses that operators subscribe."""
