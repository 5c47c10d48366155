"""One file per printer protocol."""
