"""ASGI middleware between the network and the page: one module each, stacked in `stack`."""
