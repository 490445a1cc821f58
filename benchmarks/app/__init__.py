"""The reading-room app under load: several dictations at once, a long worklist, the way from one case to the next."""
