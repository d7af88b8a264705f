"""``GET /api/runs/…/samples``: the samples of a run, in pages and without texts."""

from fastapi import APIRouter, Request, Response

from llmbench.serve.answers import answer
from llmbench.serve.api.asked import NamePart, PageNumber
from llmbench.serve.parts import RunsPart, WantedPart
from llmbench.serve.samples import SamplesPage, fitting, samples_page

router = APIRouter(tags=["samples"])


@router.get("/api/runs/{dataset}/{name}/samples", response_model=SamplesPage)
def samples(
    request: Request, runs: RunsPart, name: NamePart, wanted: WantedPart, page: PageNumber = 1
) -> Response:
    """Return the samples that fit, 200 a page, in the plan's order; those that were not run included."""
    return answer(request, samples_page(fitting(runs.opened(name).rows, wanted), page))
