"""One file per kind of sensor source; DRIVERS in catalogue.py lists them."""
