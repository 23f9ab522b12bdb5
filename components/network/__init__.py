"""A side's network: subnets over three zones, NAT, endpoints, flow logs."""
