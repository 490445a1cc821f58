"""The page in a real Chromium. A package, so that its files share a driver and browsers."""
