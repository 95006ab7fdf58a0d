"""What keeping an index in step costs: servers and cars of its own, measurements, rows to print."""
