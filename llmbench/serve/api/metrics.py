"""``/metrics``: for Prometheus."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from llmbench.serve.metrics import CONTENT_TYPE
from llmbench.serve.parts import MetricsPart

router = APIRouter(tags=["server"])


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(metrics: MetricsPart) -> Response:
    """Return what Prometheus reads; it needs the token where there is one."""
    return Response(metrics.text(), media_type=CONTENT_TYPE)
