"""Dark or light, by choice: a form, which needs no script, and the next page comes without a flash."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from llmbench.serve.pages.page import THEME

router = APIRouter(include_in_schema=False)


@router.post("/theme")
def choose(
    request: Request,
    theme: Annotated[Literal["auto", "dark", "light"], Form()],
    back: Annotated[str, Form()] = "/",
) -> RedirectResponse:
    """Keep the choice for a year, and go back to the page."""
    base = request.scope.get("root_path", "")
    is_path = back.startswith("/") and not back.startswith(("//", "/\\"))
    answer = RedirectResponse(back if is_path else f"{base}/", 303)
    answer.set_cookie(THEME, theme, max_age=31_536_000, path=f"{base}/", httponly=True, samesite="strict")
    return answer
