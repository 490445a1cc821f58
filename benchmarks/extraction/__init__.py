"""How well an engine reads findings out of chest X-ray reports, against the codes that people gave the reports.

Any engine that answers JSON Lines `{"id", "text"}` with `{"id", "claims": [...]}` can be measured. Nothing here knows
an engine from within: what its names mean is told by one table an engine, in `engines/`.
"""
