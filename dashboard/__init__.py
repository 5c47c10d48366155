"""What people see: the API and the live page."""
