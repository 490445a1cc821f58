"""Studies made on the spot, and images whose look is known."""

import numpy as np

from dictation.exam import ExamFacts
from dictation.imaging import Study, StudyImage


def chest(pixels: np.ndarray, view: str = "PA", **stated: str) -> Study:
    """A chest radiograph with a header that says what it is."""
    image = StudyImage(pixels, **({"modality": "DX", "body_part": "CHEST", "view": view, "across": "L"} | stated))
    return Study("1.2.3", (image,), ExamFacts())


def noise(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    """Blurred noise of some brightness and contrast, uint8."""
    made = np.random.default_rng(seed)
    coarse = made.normal(made.uniform(60, 190), made.uniform(5, 60), (rows // 8 + 1, columns // 8 + 1))
    return np.kron(coarse, np.ones((8, 8)))[:rows, :columns].clip(0, 255).astype(np.uint8)
