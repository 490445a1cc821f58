"""DICOM, PNG, JPEG, series → Study."""

from dictation.imaging.study import Study, StudyImage

__all__ = ["Study", "StudyImage"]
