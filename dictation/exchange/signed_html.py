"""Signed versions to be read: each verbatim, who signed it, what was overridden, what the attending changed."""

from collections.abc import Sequence
from html import escape

from dictation.case.changes import SentenceChange
from dictation.case.draft import SetAside
from dictation.case.version import Version, identity_reason

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
    who = f"{version.author}, {version.role}" if version.is_role_stated else version.author
    return escape(f"{_AS[version.state]}: {who}, {version.at:%Y-%m-%d %H:%M %Z}".rstrip())


def _body(version: Version) -> str:
    more = f"{_changes(version.changes)}{_told(version)}{_overridden(version)}{_set_aside(version)}"
    missing = identity_reason(version)
    head = f'<p class="unidentified"><b>{escape(missing)}</b></p>' if missing else ""
    return f'{head}<pre tabindex="0">{escape(version.text)}</pre>{more}'


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
        f"<li>{escape(one.what or known.get(one.discrepancy_id, 'What was open is not recorded.'))} "
        f'<span class="origin">Signed over: {escape(one.reason)}</span></li>'
        for one in version.overrides
    )
    return f'<h4>Open when it was signed</h4><ul class="overridden">{items}</ul>' if items else ""


def _told(version: Version) -> str:
    """Who is to tell a critical result; who was told stands in the report itself."""
    items = "".join(
        f"<li>{escape(one.what)} "
        f'<span class="origin">Communication pending: {escape(one.person)}, {escape(one.method)}</span></li>'
        for one in version.planned
    )
    return f'<h4>Critical results, communication pending</h4><ul class="planned">{items}</ul>' if items else ""


def _set_aside(version: Version) -> str:
    items = "".join(
        f"<li><del>{escape(left)}</del> <ins>{escape(kept)}</ins> "
        f'<span class="origin">chosen by {escape(one.by)}</span></li>'
        for one in version.set_aside
        for left, kept in [_left_and_kept(one)]
    )
    return f'<h4>Wordings that were chosen between</h4><ul class="wordings">{items}</ul>' if items else ""


def _left_and_kept(one: SetAside) -> tuple[str, str]:
    """The wording that was left and the one that was kept, "" for none."""
    mine = one.edit.after or f"(taken out: {one.edit.before})"
    if one.chosen == "report":
        return mine, one.reports
    return ("", f"{one.reports} {mine}") if one.chosen == "both" else (one.reports, mine)
