"""How Sphinx makes the site of these pages: `make docs`. Offline, strict, and nothing is fetched by who reads it."""

import re
from pathlib import Path

from sphinx.application import Sphinx

project = "Radiology dictation"
author = "the project's authors"
copyright = "the project's authors; Apache-2.0"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_site"]
nitpicky = True

myst_heading_anchors = 3  # "page.md#a-heading" is a link here as it is where the repository is read
myst_enable_extensions = ["deflist"]

html_theme = "pydata_sphinx_theme"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_sidebars = {page: [] for page in ("administration", "architecture", "glossary", "l*", "measurements", "privacy")}
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 5,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"\[([^\]]*)\]\((\.\./[^)#\s]+)(?:#[^)\s]*)?\)")


def with_files(app: Sphinx, page: str, source: list[str]) -> None:
    """Turn a link to a file beside docs/ (a result, a test) into a download, so that the site holds the file itself."""
    here = (Path(app.srcdir) / page).parent

    def download(link: re.Match[str]) -> str:
        text, target = link[1].strip("`"), (here / link[2]).resolve()
        if target.is_relative_to(Path(app.srcdir)) or not target.is_relative_to(ROOT) or not target.is_file():
            return link[0]  # of these pages, or a link that leads nowhere: Sphinx says so
        return f"{{download}}`{text} <{link[2]}>`"

    source[0] = LINK.sub(download, source[0])


def setup(app: Sphinx) -> None:
    """Have Sphinx ask `with_files` of each page that it reads."""
    app.connect("source-read", with_files)
