"""The outside world in software: machines that wear, printers, recordings played back. Knows no detector."""
