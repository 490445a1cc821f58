"""What `dictation evaluate` is made of: labelled recordings, what each system heard, measures, tables and a page."""
