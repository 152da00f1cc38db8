"""What tests share: factories, simulated services, servers and browsers."""
