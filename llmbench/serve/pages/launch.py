"""The Launch page: a form for everything that a browser may set, checked as the command line is."""

from typing import Annotated
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from llmbench.errors import UsageError
from llmbench.serve.launching.gate import refused_plugin
from llmbench.serve.launching.labels import label_of, sections_of
from llmbench.serve.launching.offer import GROUPS, make_offer
from llmbench.serve.launching.preview import Preview, preview
from llmbench.serve.launching.trial import order_of, try_words
from llmbench.serve.launching.words import MORE, Form, chosen, words_of
from llmbench.serve.pages.page import page
from llmbench.serve.parts import LauncherPart, SettingsPart
from llmbench.serve.settings import Settings

router = APIRouter(include_in_schema=False)

_MOST_BYTES = 64 << 10
_MOST_FIELDS = 500
BESIDE = "beside"


async def _sent(request: Request) -> Form:
    """Return what a form sent, within bounds.

    Raises:
        UsageError: it is too long, or no form.
    """
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            raise UsageError(f"the form is longer than {_MOST_BYTES >> 10} kB")
    return _parsed(body.decode(errors="replace"))


def _parsed(text: str) -> Form:
    try:
        return parse_qs(text, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise UsageError(f"the form has more than {_MOST_FIELDS} fields") from None


SentPart = Annotated[Form, Depends(_sent)]


@router.get("/launch")
def launch(request: Request, settings: SettingsPart) -> HTMLResponse:
    """Show the form as the address fills it in, with the equal command line and what is wrong."""
    return _form_page(request, settings, _parsed(request.url.query[:_MOST_BYTES]))


@router.post("/launch")
def start(request: Request, settings: SettingsPart, launcher: LauncherPart, form: SentPart) -> Response:
    """Launch what the form asks for, or show what is wrong with it."""
    offer = make_offer(chosen(form))
    words = words_of(form, offer)
    trial = try_words(words, offer, settings)
    if trial.wrong:
        status = 403 if trial.is_refused else 400
        return _form_page(request, settings, form, status=status)
    entry = launcher.add(order_of(words, trial, settings, beside=BESIDE in form))
    base = request.scope.get("root_path", "")
    return RedirectResponse(f"{base}/live#launch-{entry.id}", 303)


@router.post("/launch/preview")
def show_preview(request: Request, settings: SettingsPart, form: SentPart) -> HTMLResponse:
    """Show what would be asked: a dry run, of which nothing is kept."""
    offer = make_offer(chosen(form))
    words = words_of(form, offer)
    trial = try_words(words, offer, settings)
    if trial.wrong:
        return _form_page(request, settings, form, status=403 if trial.is_refused else 400)
    return _form_page(request, settings, form, shown=preview(words, settings))


def _form_page(
    request: Request,
    settings: Settings,
    form: Form,
    *,
    status: int = 200,
    shown: Preview | None = None,
) -> HTMLResponse:
    picked = chosen(form)
    offer = make_offer(picked)
    words = words_of(form, offer)
    trial = try_words(words, offer, settings)
    return page(
        request,
        "launch.html.j2",
        here="launch",
        title="Launch",
        status=status,
        offer=offer,
        groups=GROUPS,
        more=MORE,
        picked=picked,
        form=form,
        sections=sections_of(offer),
        label_of=label_of,
        trial=trial,
        words=words,
        shown=shown,
        refused=lambda group, choice: refused_plugin(group, choice.plugin, settings),
        query=urlencode([(key, value) for key, values in form.items() for value in values]),
        beside=BESIDE in form,
    )
