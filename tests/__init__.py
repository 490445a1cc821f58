"""Tests, in folders as those of the code they test; browser/ drives the page, deploy/ what is installed."""
