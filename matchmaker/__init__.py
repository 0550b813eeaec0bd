"""百日百场 matchmaker: from a posted need to a registered technology contract."""

__version__ = "0.1.0"
