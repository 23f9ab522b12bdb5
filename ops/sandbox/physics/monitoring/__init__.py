"""CloudWatch: datapoints, alarms and composite alarms at the virtual time."""
