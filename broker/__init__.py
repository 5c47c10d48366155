"""The message bus: client, managed broker, accounts."""
