"""Answers of an OpenAI-compatible chat as a stub sends them: plain or streamed, whole or faulty."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from llmbench.testing.stub_answers import Answer, deltas_of, pieces_of, plain_body, top_of
from llmbench.testing.stub_threads import cut, event, json_response

_DONE = b"data: [DONE]\n\n"


async def canned_reply(answer: Answer) -> web.Response | None:
    """Wait as long as the answer says, and return the body that it gives to the letter, if it gives one."""
    if answer.delay_s:
        await asyncio.sleep(answer.delay_s)
    if answer.body is None:
        return None
    return web.Response(
        body=answer.body,
        status=answer.status,
        content_type=answer.content_type,
        headers=dict(answer.headers),
    )


async def reply(
    request: web.Request, body: Mapping[str, Any], answer: Answer, words: int
) -> web.StreamResponse:
    """Send an answer to ``body``, a prompt of so many words."""
    if (canned := await canned_reply(answer)) is not None:
        return canned
    if answer.error is not None and answer.error_after is None:
        return json_response({"error": answer.error}, status=answer.status, headers=answer.headers)
    pieces, finish = pieces_of(answer, body)
    top = top_of(answer, body, words, len(pieces))
    if body.get("stream") and not answer.plain:
        return await _stream(request, answer, pieces, finish, top)
    if answer.break_after is not None:
        cut(request)
    return json_response(plain_body(answer, pieces, finish, top))


async def _stream(
    request: web.Request, answer: Answer, pieces: list[str], finish: str, top: Mapping[str, Any]
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    head = {key: value for key, value in top.items() if key != "usage"}
    for number, delta in enumerate(deltas_of(answer, pieces)):
        if answer.break_after == number:
            cut(request)
        if answer.error_after == number:
            await response.write(event({**head, "error": answer.error}))
            return response
        if answer.comments:
            await response.write(b": keepalive\n\n")
        if answer.piece_delay_s:
            await asyncio.sleep(answer.piece_delay_s)
        await response.write(event({**head, "choices": [{"index": 0, "delta": delta}]}))
    if answer.break_after is not None:
        cut(request)
    last = event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if "usage" in top:
        last += event({**top, "choices": []})
    await response.write(last + (_DONE if answer.done else b""))
    return response
