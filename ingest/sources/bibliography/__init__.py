"""Bibliography formats: one module each, registered in `readers`."""
