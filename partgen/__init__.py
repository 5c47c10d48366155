"""An order to a verified mesh. Pure."""
