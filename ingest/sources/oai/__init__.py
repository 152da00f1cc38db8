"""OAI-PMH: the protocol, its records, and harvesting."""
