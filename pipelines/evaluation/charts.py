"""Two small drawings as SVG: rates with their intervals, and what confidences are worth."""

from collections.abc import Sequence
from html import escape

from dictation.speech.reliability import Bin
from pipelines.evaluation.results import Figure
from pipelines.evaluation.showing import shown

WIDTH, LEFT, ROW, SIDE = 720, 180, 28, 260


def interval_chart(rows: Sequence[tuple[str, Figure]], title: str) -> str:
    """A row for each system: a point for its rate, a line for its interval, on one axis from 0."""
    most = max((figure.high or figure.value or 0.0 for _, figure in rows), default=0.0) or 1.0
    right = WIDTH - 190

    def x(rate: float) -> float:
        return round(LEFT + (right - LEFT) * rate / most, 1)

    drawn = f'<line class="axis" x1="{LEFT}" x2="{LEFT}" y1="0" y2="{ROW * len(rows)}"/>'
    for number, (label, figure) in enumerate(rows):
        y = ROW * number + ROW // 2
        name = label if len(label) <= 24 else label[:23] + "…"
        drawn += f'<text x="0" y="{y + 4}">{escape(name)}</text>'
        if figure.low is not None and figure.high is not None:
            drawn += f'<line class="bound" x1="{x(figure.low)}" x2="{x(figure.high)}" y1="{y}" y2="{y}"/>'
        if figure.value is not None:
            drawn += f'<circle class="point" cx="{x(figure.value)}" cy="{y}" r="5"/>'
        drawn += f'<text x="{right + 12}" y="{y + 4}">{escape(shown("wer", figure))}</text>'
    return _svg(WIDTH, ROW * len(rows), title, drawn)


def reliability_chart(bins: Sequence[Bin]) -> str:
    """Share of right words over confidence; the broken line is where both are equal."""

    def place(confidence: float, right: float) -> tuple[float, float]:
        return round(30 + (SIDE - 40) * confidence, 1), round(10 + (SIDE - 40) * (1 - right), 1)

    points = [place(row.confidence, row.right) for row in bins]
    (x0, y0), (x1, y1) = place(0, 0), place(1, 1)
    drawn = (
        f'<rect class="axis" fill="none" x="{x0}" y="{y1}" width="{x1 - x0}" height="{y0 - y1}"/>'
        f'<line class="ideal" x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}"/>'
        f'<polyline class="curve" points="{" ".join(f"{x},{y}" for x, y in points)}"/>'
        + "".join(f'<circle class="point" cx="{x}" cy="{y}" r="4"/>' for x, y in points)
        + f'<text x="{x0}" y="{SIDE - 4}">confidence 0 to 1 →</text>'
        f'<text transform="translate(16 {y0}) rotate(-90)">right 0 to 1 →</text>'
    )
    return _svg(SIDE, SIDE, "Share of right words over confidence", drawn)


def _svg(width: int, height: int, title: str, drawn: str) -> str:
    return (
        f'<figure><svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">'
        f"<title>{escape(title)}</title>{drawn}</svg><figcaption>{escape(title)}</figcaption></figure>"
    )
