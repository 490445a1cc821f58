"""DICOM, PNG, JPEG, series → Study."""

from dictation.imaging.load import load_facts, load_study
from dictation.imaging.study import Study, StudyImage

__all__ = ["Study", "StudyImage", "load_facts", "load_study"]
