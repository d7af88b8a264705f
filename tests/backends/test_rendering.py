"""The prompt that a server makes of messages, read back: llama.cpp's real server, and Ollama's protocol."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Context, Message, ModelProfile, Rendered, Request, ToolSpec
from llmbench.errors import BackendError
from llmbench.resources import resource_dir
from llmbench.testing.ollama_stub import OllamaStub, StubModel
from llmbench.testing.servers import StubServer
from llmbench_plugins.backends.llamacpp import LlamaCpp
from llmbench_plugins.backends.llamacpp import options as llamacpp
from llmbench_plugins.backends.ollama import Ollama
from llmbench_plugins.backends.ollama import options as ollama

SAID = Request(
    messages=(Message("system", "Be brief.\n"), Message("user", " 1 < 2 & é\n")), max_tokens=1, seed=3
)
CHATML = (
    "<|im_start|>system\nBe brief.\n<|im_end|>\n"
    "<|im_start|>user\n 1 < 2 & é\n<|im_end|>\n"
    "<|im_start|>assistant\n"
)
TOOL = ToolSpec(name="ls", description="List files.", parameters={"type": "object", "properties": {}})
Render = Callable[..., Rendered | None]


@pytest.fixture
def by_llamacpp(context: Context, weights: Path, bounded: Callable[..., Any]) -> Render:
    """Start llama.cpp's server, and read back what it makes of a request."""
    pytest.importorskip("xllamacpp", reason="needs llmbench[embedded]")

    def render(request: Request = SAID, *, path: Path = weights, **options: Any) -> Rendered | None:
        async def once() -> Rendered | None:
            source = llamacpp.Source(path=str(path), context=512)
            chosen = llamacpp.LlamaCppOptions(source=source, **options)
            async with LlamaCpp(chosen, ModelProfile(name="tiny"), context) as backend:
                return await backend.rendered(request)

        found: Rendered | None = bounded(once())
        return found

    return render


@pytest.fixture
def by_ollama(context: Context, bounded: Callable[..., Any]) -> Render:
    """Attach to a stub of Ollama, and read back what it makes of a request."""

    def render(stub: OllamaStub, request: Request = SAID) -> Rendered | None:
        async def once() -> Rendered | None:
            source = ollama.Source(tag="stub", context=1000)
            chosen = ollama.OllamaOptions(source=source, url=stub.root, server="attach", retries=0)
            async with Ollama(chosen, ModelProfile(name="stub"), context) as backend:
                return await backend.rendered(request)

        found: Rendered | None = bounded(once())
        return found

    return render


class TestLlamaCpp:
    @pytest.mark.parametrize("server", ["embedded", "binary"])
    def test_the_text_is_what_the_template_makes(
        self, by_llamacpp: Render, llama_server: Path, server: str
    ) -> None:
        found = by_llamacpp(server=server, binary=str(llama_server))
        assert found == Rendered(text=CHATML, adds_bos=False)

    def test_a_token_that_the_tokenizer_puts_first_is_told(
        self, by_llamacpp: Render, weights: Path, tmp_path: Path
    ) -> None:
        """With the same weights, but for the byte that says so."""
        data, name = weights.read_bytes(), b"tokenizer.ggml.add_bos_token"
        place = data.index(name) + len(name) + 4
        changed = tmp_path / "bos.gguf"
        changed.write_bytes(data[:place] + b"\x01" + data[place + 1 :])
        found = by_llamacpp(path=changed)
        assert found == Rendered(text=CHATML, adds_bos=True, bos="<|endoftext|>")

    def test_tools_stand_in_the_text(self, by_llamacpp: Render) -> None:
        found = by_llamacpp(replace(SAID, tools=(TOOL,)), path=resource_dir("models") / "demo.gguf")
        assert found is not None
        assert found.text == f"<|im_start|>tools\nls<|im_end|>\n{CHATML}"

    def test_a_template_that_refuses_a_conversation_says_why(self, by_llamacpp: Render) -> None:
        template = (
            "{% for message in messages %}{% if message['content'] == 'Be brief.\n' %}"
            "{{ raise_exception('be brief yourself') }}{% endif %}{{ message['content'] }}{% endfor %}"
        )
        with pytest.raises(BackendError, match="be brief yourself"):
            by_llamacpp(extra_args=("--chat-template", template))

    def test_a_server_without_such_a_page_can_not_tell(self, by_llamacpp: Render) -> None:
        with StubServer() as stub:
            assert by_llamacpp(server="attach", url=stub.url) is None


class TestOllama:
    def test_the_text_comes_from_the_server_and_nothing_is_answered(self, by_ollama: Render) -> None:
        with OllamaStub(models={"stub:latest": StubModel(adds_bos=True)}) as stub:
            assert by_ollama(stub) == Rendered(text=CHATML, adds_bos=True)
            assert len(stub.requests) == 1, "the question before the run alone was answered"
            assert stub.loads == 1, "what is rendered loads the model anew"

    def test_what_the_weights_do_not_say_is_not_known(self, by_ollama: Render) -> None:
        with OllamaStub() as stub:
            assert by_ollama(stub) == Rendered(text=CHATML)

    def test_an_old_server_answers_instead_and_can_not_tell(self, by_ollama: Render) -> None:
        with OllamaStub("a long answer that nobody wants", renders=False) as stub:
            assert by_ollama(stub) is None
            assert stub.requests[-1]["options"]["num_predict"] == 1

    def test_thinking_and_tools_are_rendered_as_they_are_asked(self, by_ollama: Render) -> None:
        def template(body: Mapping[str, Any]) -> str:
            return f"think={body.get('think')} tools={[told['function']['name'] for told in body['tools']]}"

        thinker = StubModel(capabilities=("completion", "tools", "thinking"), template=template)
        with OllamaStub(models={"stub:latest": thinker}) as stub:
            found = by_ollama(stub, replace(SAID, tools=(TOOL,)))
        assert found is not None
        assert found.text == "think=False tools=['ls']"

    def test_a_model_that_takes_no_tools_says_so(self, by_ollama: Render) -> None:
        with (
            OllamaStub(models={"stub:latest": StubModel(capabilities=("completion",))}) as stub,
            pytest.raises(BackendError, match="does not support tools"),
        ):
            by_ollama(stub, replace(SAID, tools=(TOOL,)))

    def test_another_machines_model_is_not_asked(self, by_ollama: Render) -> None:
        with OllamaStub(models={"stub:latest": StubModel(remote_host="https://ollama.com:443")}) as stub:
            assert by_ollama(stub) is None
            assert len(stub.requests) == 1
