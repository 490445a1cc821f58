"""Signed versions to be read: each verbatim, who signed it, what was overridden, what the attending changed."""

from collections.abc import Sequence
from html import escape

from dictation.case.changes import SentenceChange
from dictation.case.version import Version

_AS = {"preliminary": "Preliminary", "final": "Final", "addended": "Final, with addendum"}


def signed_html(versions: Sequence[Version]) -> str:
    """Return the last version whole, and the earlier ones folded; "" without any. `versions` oldest first."""
    if not versions:
        return ""
    *earlier, last = versions
    folded = "".join(
        f'<details class="earlier"><summary>{_heading(one)}</summary>{_body(one)}</details>'
        for one in reversed(earlier)
    )
    return (
        f'<section class="signed" aria-label="signed report"><h3>{_heading(last)}</h3>{_body(last)}{folded}</section>'
    )


def _heading(version: Version) -> str:
    words = f"{_AS[version.state]}: {version.author}, {version.role}, {version.at:%Y-%m-%d %H:%M %Z}".rstrip()
    return escape(words)


def _body(version: Version) -> str:
    return f'<pre tabindex="0">{escape(version.text)}</pre>{_changes(version.changes)}{_overridden(version)}'


def _changes(changes: Sequence[SentenceChange]) -> str:
    if not changes:
        return ""
    items = "".join(
        f'<li><span class="origin">{escape(one.organ or one.section.capitalize())}:</span> '
        + (f"<del>{escape(one.before)}</del> " if one.before else "")
        + (f"<ins>{escape(one.after)}</ins>" if one.after else "")
        + "</li>"
        for one in changes
    )
    return f'<h4>Changed since the preliminary report</h4><ul class="changes">{items}</ul>'


def _overridden(version: Version) -> str:
    known = {one.id: one.explanation for one in version.case.discrepancies}
    items = "".join(
        f"<li>{escape(known.get(one.discrepancy_id, 'A wording that fitted no sentence any more.'))} "
        f'<span class="origin">Signed over: {escape(one.reason)}</span></li>'
        for one in version.overrides
    )
    return f'<h4>Left open when it was signed</h4><ul class="overridden">{items}</ul>' if items else ""
