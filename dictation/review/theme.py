"""The look of the page's controls: the colours of the pane, fonts of this machine, nothing from elsewhere."""

from typing import Any

FONTS = ["Segoe UI", "system-ui", "Noto Sans", "sans-serif"]

LOOK = {
    "body_background_fill": "#0a0c0e",
    "body_text_color": "#d5dae0",
    "body_text_color_subdued": "#a9b2bd",
    "background_fill_primary": "#111417",
    "background_fill_secondary": "#191d22",
    "border_color_primary": "#3a434d",
    "border_color_accent": "#8cc2ff",
    "color_accent_soft": "#191d22",
    "block_background_fill": "#111417",
    "block_border_color": "#2a3038",
    "block_label_background_fill": "#191d22",
    "block_label_text_color": "#d5dae0",
    "block_label_border_color": "#2a3038",
    "block_title_text_color": "#d5dae0",
    "block_info_text_color": "#a9b2bd",
    "input_background_fill": "#0a0c0e",
    "input_border_color": "#4a535e",
    "input_border_color_focus": "#8cc2ff",
    "input_placeholder_color": "#a9b2bd",
    "button_primary_background_fill": "#24405c",
    "button_primary_background_fill_hover": "#2d4f71",
    "button_primary_text_color": "#f2f5f8",
    "button_secondary_background_fill": "#191d22",
    "button_secondary_background_fill_hover": "#232930",
    "button_secondary_text_color": "#d5dae0",
    "button_secondary_border_color": "#4a535e",
    "panel_background_fill": "#111417",
    "accordion_text_color": "#d5dae0",
    "table_text_color": "#d5dae0",
    "table_even_background_fill": "#111417",
    "table_odd_background_fill": "#191d22",
    "table_border_color": "#2a3038",
    "link_text_color": "#8cc2ff",
}


def reading_room() -> Any:
    """Return the theme. It is dark whatever the browser prefers: a bright page ruins eyes adapted to the image."""
    import gradio as gr

    theme = gr.themes.Base(primary_hue="blue", neutral_hue="slate", font=FONTS, font_mono=["ui-monospace", "monospace"])
    dark = {f"{name}_dark": value for name, value in LOOK.items()}
    return theme.set(**LOOK, **dark, block_radius="6px", input_radius="4px")
