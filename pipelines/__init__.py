"""The programs people run, one file a job."""
