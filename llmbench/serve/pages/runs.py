"""The page of all runs: filters, order and columns in its address, the columns kept for the next visit."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from llmbench.errors import UsageError
from llmbench.history.rows import RunRow
from llmbench.serve.pages.page import page as filled
from llmbench.serve.parts import RunsPart
from llmbench.serve.run_list import COLUMNS, Asked, asked_for, table, values

router = APIRouter(include_in_schema=False)
_COOKIE = "llmbench_columns"
_YEAR_S = 31_536_000
_Word = Annotated[str, Query(max_length=200)]


def _asked(
    dataset: _Word = "",
    model: _Word = "",
    backend: _Word = "",
    agent: _Word = "",
    trust: _Word = "",
    since: _Word = "",
    where: Annotated[list[_Word], Query(max_length=10)] = [],  # noqa: B006 - FastAPI copies it
    q: _Word = "",
    sort: _Word = "",
) -> Asked:
    words = [dataset, model, backend, agent, trust, since]
    dataset, model, backend, agent, trust, since = (word.strip() for word in words)
    return Asked(
        dataset=dataset,
        model=model,
        backend=backend,
        agent=agent,
        trust=trust,
        since=since,
        where=tuple(filter(None, (text.strip() for text in where))),
        q=q.strip(),
        sort=sort,
    )


@router.get("/runs")
def runs(
    request: Request,
    runs: RunsPart,
    asked: Annotated[Asked, Depends(_asked)],
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    cols: Annotated[list[_Word], Query(max_length=50)] = [],  # noqa: B006 - FastAPI copies it
) -> HTMLResponse:
    """Show a line a run."""
    every, problem = runs.rows(), ""
    found: list[RunRow] = []
    try:
        found = asked_for(every, runs.configs, asked)
    except UsageError as error:
        problem = str(error).removeprefix("--")
    chosen = cols or request.cookies.get(_COOKIE, "").split(".")
    shown = table(
        found, runs.configs, columns=chosen, page=page, root=runs.root, place=runs.history.place.name
    )
    answer = filled(
        request,
        "runs.html.j2",
        here="runs",
        status=400 if problem else 200,
        title="Runs",
        **_addresses(request),
        asked=asked,
        problem=problem,
        table=shown,
        every=len(every),
        values=values(every),
        columns=COLUMNS,
    )
    if cols:
        kept = ".".join(column.name for column in shown.columns)
        path = f"{request.scope.get('root_path', '')}/runs"
        answer.set_cookie(_COOKIE, kept, max_age=_YEAR_S, path=path, httponly=True, samesite="strict")
    return answer


def _addresses(request: Request) -> dict[str, Any]:
    """Return how the page's address is made with another order or page, and what a form must keep of it."""
    given = [pair for pair in request.query_params.multi_items() if pair[1]]

    def without(*names: str) -> str:
        return urlencode([pair for pair in given if pair[0] not in names])

    return {"but_page": without("page"), "but_sort": without("page", "sort"), "given": given}
