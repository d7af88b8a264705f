"""Pictures of runs: SVG made by templates, with their numbers in words. They compute no statistics."""

from llmbench.report.pictures.picture import Picture, figures
from llmbench.report.pictures.run import run_pictures
from llmbench.report.pictures.sweep import sweep_pictures

__all__ = ["Picture", "figures", "run_pictures", "sweep_pictures"]
