"""How the service bears people at their desks, and whether a worker's memory stays flat: make bench-load."""
