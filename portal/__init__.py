"""Relaytree: whose configuration sends this mail, and did it arrive?"""

__version__ = "0.1.0"
