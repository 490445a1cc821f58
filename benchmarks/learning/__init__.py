"""Eight users with words of their own, 40 short dictations each (CC BY 4.0, written by a language model)."""
