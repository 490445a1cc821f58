"""A benchmark of planted errors and clean rewrites for engines that compare a dictation with its report."""
