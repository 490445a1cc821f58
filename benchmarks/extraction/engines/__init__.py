"""Engines of the term list, each a command that answers the protocol, and the tables that read all engines' claims."""
