"""Traces of a run: its tracer provider, and `trace` as context manager and decorator.

Floor 2. OpenTelemetry is imported when the first trace is asked for, and is an extra: without it
the error names what to install. No global of OpenTelemetry is touched unless asked for.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from sitegen.errors import SitegenError
from sitegen.sdk.faults import Faults
from sitegen.sdk.lines import LineFile
from sitegen.sdk.traced_span import SpanKindName, TracedSpan

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

_P = ParamSpec("_P")
_R = TypeVar("_R")
_MOST_OUTPUTS = 1_000


class TracingMissingError(SitegenError):
    """opentelemetry-sdk is not installed."""


class Tracing:
    """The traces of one run in this process."""

    def __init__(
        self,
        directory: Path,
        *,
        faults: Faults,
        resource: Mapping[str, str] | None = None,
        shorten: Callable[[str], str] | None = None,
    ) -> None:
        """Spans go to *directory*, once there are any; *shorten* takes paths out of stacks."""
        self._directory = directory
        self._faults = faults
        self._resource = dict(resource or {})
        self._shorten = shorten
        self._lines: LineFile | None = None
        self._provider: TracerProvider | None = None

    @property
    def provider(self) -> TracerProvider:
        """The provider to pass to instrumentations; its spans go to `traces/` of the bundle.

        Raises:
            TracingMissingError: without opentelemetry-sdk.
        """
        if self._provider is None:
            try:
                from sitegen.sdk.span_exporter import provider_into
            except ImportError as error:
                raise TracingMissingError(
                    "tracing needs opentelemetry-sdk, which is not installed",
                    hint="pip install 'sitegen-reports[tracing]'",
                ) from error
            self._lines = LineFile(
                self._directory, on_fault=lambda error: self._faults.add("traces", error)
            )
            self._provider = provider_into(self._lines, self._resource, shorten=self._shorten)
        return self._provider

    def make_global(self) -> None:
        """Let instrumentations that are given no provider use this one; OpenTelemetry allows one
        global provider a process.
        """
        from opentelemetry.trace import set_tracer_provider

        set_tracer_provider(self.provider)

    def trace(
        self,
        name: str | None = None,
        *,
        kind: SpanKindName | None = None,
        capture: bool = True,
        attributes: Mapping[str, Any] | None = None,
    ) -> TraceCall:
        """A span to enter with `with`, or a decorator; see `TraceCall`."""
        return TraceCall(self, name, kind=kind, capture=capture, attributes=attributes or {})

    def tracer(self) -> Tracer:
        """The tracer of spans made by `trace`."""
        from sitegen import __version__

        return self.provider.get_tracer("sitegen", __version__)

    def flush(self) -> None:
        """Bring the spans that ended to the disk itself."""
        if self._provider is not None:
            assert self._lines is not None, "a provider has its file"
            self._lines.sync()

    def close(self) -> None:
        """Write what is left; spans that end later are lost and counted."""
        if self._provider is not None:
            self._provider.shutdown()


class TraceCall:
    """A span that is to come. `with` gives it as a `TracedSpan`; on a function each call is one.

    A decorated function may be plain, a coroutine or a generator. Its arguments become the span's
    input and what it returns (or yields) its output, unless `capture` is off. An exception is
    recorded, makes the span an error, and goes on.
    """

    def __init__(
        self,
        tracing: Tracing,
        name: str | None,
        *,
        kind: SpanKindName | None,
        capture: bool,
        attributes: Mapping[str, Any],
    ) -> None:
        self._tracing = tracing
        self._name = name
        self._kind = kind
        self._capture = capture
        self._attributes = attributes
        self._entered: list[AbstractContextManager[TracedSpan]] = []

    def __enter__(self) -> TracedSpan:
        opened = self._opened(self._name or "trace")
        self._entered.append(opened)
        return opened.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._entered.pop().__exit__(kind, error, trace)

    @contextmanager
    def _opened(self, name: str) -> Iterator[TracedSpan]:
        with self._tracing.tracer().start_as_current_span(name) as span:
            yield TracedSpan(span, kind=self._kind, attributes=self._attributes)

    def __call__(self, function: Callable[_P, _R]) -> Callable[_P, _R]:
        """*function* with a span around each call."""
        if inspect.isasyncgenfunction(function):
            return cast("Callable[_P, _R]", self._around_async_generator(function))
        if inspect.isgeneratorfunction(function):
            return cast("Callable[_P, _R]", self._around_generator(function))
        if inspect.iscoroutinefunction(function):
            return cast("Callable[_P, _R]", self._around_coroutine(function))

        @functools.wraps(function)
        def traced(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            with self._opened(self._name_of(function)) as span:
                self._take_input(span, function, args, kwargs)
                result = function(*args, **kwargs)
                self._take_output(span, result)
                return result

        return traced

    def _around_coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def traced(*args: Any, **kwargs: Any) -> Any:
            with self._opened(self._name_of(function)) as span:
                self._take_input(span, function, args, kwargs)
                result = await function(*args, **kwargs)
                self._take_output(span, result)
                return result

        return traced

    def _around_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def traced(*args: Any, **kwargs: Any) -> Generator[Any, None, Any]:
            span = self._tracing.tracer().start_span(self._name_of(function))
            from opentelemetry.trace import use_span

            shown = TracedSpan(span, kind=self._kind, attributes=self._attributes)
            self._take_input(shown, function, args, kwargs)
            steps = function(*args, **kwargs)
            given: list[Any] = []
            try:
                while True:
                    with use_span(span):  # current while it runs, not while its caller does
                        try:
                            value = next(steps)
                        except StopIteration as stop:
                            return stop.value
                    if len(given) < _MOST_OUTPUTS:
                        given.append(value)
                    yield value
            finally:
                steps.close()
                self._take_output(shown, _joined(given))
                span.end()

        return traced

    def _around_async_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def traced(*args: Any, **kwargs: Any) -> Any:
            span = self._tracing.tracer().start_span(self._name_of(function))
            from opentelemetry.trace import use_span

            shown = TracedSpan(span, kind=self._kind, attributes=self._attributes)
            self._take_input(shown, function, args, kwargs)
            steps = function(*args, **kwargs)
            given: list[Any] = []
            try:
                while True:
                    with use_span(span):
                        try:
                            value = await anext(steps)
                        except StopAsyncIteration:
                            return
                    if len(given) < _MOST_OUTPUTS:
                        given.append(value)
                    yield value
            finally:
                await steps.aclose()
                self._take_output(shown, _joined(given))
                span.end()

        return traced

    def _name_of(self, function: Callable[..., Any]) -> str:
        return self._name or getattr(function, "__qualname__", "trace").replace(".<locals>", "")

    def _take_input(
        self,
        span: TracedSpan,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> None:
        if self._capture and span.is_recording:
            try:
                named = inspect.signature(function).bind(*args, **kwargs).arguments
            except (TypeError, ValueError):  # the call itself will say what is wrong
                return
            span.set_input({key: one for key, one in named.items() if key not in {"self", "cls"}})

    def _take_output(self, span: TracedSpan, result: Any) -> None:
        if self._capture and result is not None:
            span.set_output(result)


def _joined(given: list[Any]) -> Any:
    """Pieces of text as one text, as a streamed answer is."""
    if given and all(isinstance(piece, str) for piece in given):
        return "".join(given)
    return given or None
