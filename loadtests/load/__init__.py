"""People as locust plays them, and the run: `python -m loadtests.load`."""
