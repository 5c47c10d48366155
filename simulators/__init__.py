"""The outside world in software: machines that wear, printers, recordings; no detectors."""
