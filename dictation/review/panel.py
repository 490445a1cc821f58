"""The panel for what belongs to a case beside the dictation: files, an order typed in, a report pasted."""

from dataclasses import dataclass

import gradio as gr

from dictation.review.inputs import ORDER_FIELDS

LABELS = {
    "name": "Name",
    "patient_id": "Patient ID",
    "birth_date": "Birth date, YYYY-MM-DD",
    "sex": "Sex",
    "accession": "Accession",
    "procedure": "Procedure",
    "laterality": "Side ordered",
    "indication": "Indication",
}
CHOICES = {"sex": ["", "F", "M", "O"], "laterality": ["", "left", "right", "bilateral"]}
WIDE = ("name", "procedure", "indication")


@dataclass(frozen=True)
class Panel:
    """The controls of the panel; `fields` in the order of ORDER_FIELDS.

    `page` and `of` are where the page puts its id and that of the case that something is meant for; the page presses
    `shown`, which nobody sees, when another case is opened.
    """

    page: gr.Textbox
    of: gr.Textbox
    shown: gr.Button
    files: gr.File
    away: gr.Button
    report: gr.Textbox
    check: gr.Button
    fields: list[gr.Component]
    use: gr.Button


def build_panel() -> Panel:
    """Lay out the panel inside the current Blocks."""
    with gr.Column(elem_id="panel"):
        page, of = (gr.Textbox(visible="hidden", show_label=False) for _ in range(2))
        shown = gr.Button("another case", elem_id="panel-shown", visible="hidden")
        gr.HTML("<h3>What belongs to this case</h3>", apply_default_css=False)
        files = gr.File(
            label="Files",
            file_count="multiple",
            elem_id="files",
            height=168,
        )
        gr.HTML(
            "<p>Recording, image (DICOM, PNG, JPEG), order and reading (JSON), report (text). "
            "All of it stays on this machine.</p>",
            apply_default_css=False,
        )
        away = gr.Button("Take all images out of this case", elem_id="images-away", size="sm")
        report = gr.Textbox(
            label="A report to check, pasted", lines=5, max_lines=12, elem_id="pasted", placeholder="FINDINGS: …"
        )
        check = gr.Button("Check this report", elem_id="check", size="sm")
        with gr.Accordion("Order, typed", open=False, elem_id="order"):
            fields = [_field(name) for name in ORDER_FIELDS]
            use = gr.Button("Use this order", elem_id="use", size="sm")
    return Panel(
        page=page, of=of, shown=shown, files=files, away=away, report=report, check=check, fields=fields, use=use
    )


def _field(name: str) -> gr.Component:
    classes = [] if name in WIDE else ["half"]
    if name in CHOICES:
        return gr.Dropdown(CHOICES[name], value="", label=LABELS[name], elem_classes=classes, elem_id=f"order-{name}")
    return gr.Textbox(label=LABELS[name], max_lines=1, elem_classes=classes, elem_id=f"order-{name}")
