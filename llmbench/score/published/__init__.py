"""What others published for a run's model and dataset, beside one's own score.

The figures are those of the model's profile, or else of ``figures.json``; docs/reference/published.md says
what is in it and how it is made.
"""

from llmbench.score.published.beside import Beside, Published, foremost, published
from llmbench.score.published.figures import Conditions, Figure, Figures, Metric, Source, read_figures

__all__ = [
    "Beside",
    "Conditions",
    "Figure",
    "Figures",
    "Metric",
    "Published",
    "Source",
    "foremost",
    "published",
    "read_figures",
]
