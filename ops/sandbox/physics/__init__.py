"""What moto stores and does not do: the local cloud's behaviour over time, on a virtual clock and a seed."""
