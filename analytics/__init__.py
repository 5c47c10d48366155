"""Windows to advice: describe, judge, diagnose, forecast, advise. Pure."""
