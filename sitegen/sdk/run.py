"""A run as training code sees it: everything that is logged goes through `Run`.

Nothing here raises because a disk is full or read-only; a wrong type or a file that is not there
does. Every method may be called from any thread, and in forked or joined processes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from sitegen.sdk import ending, lifecycle, logged
from sitegen.sdk import values as checked
from sitegen.sdk.alerts import Notify
from sitegen.sdk.annotations import sidecar, target_of
from sitegen.sdk.document import Document
from sitegen.sdk.faults import Faults, LogTypeError, LogValueError
from sitegen.sdk.pictures import figure_file, picture_file
from sitegen.sdk.samples import append_line, eval_path, sample_line

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

    from sitegen.sdk.opening import RunParts
    from sitegen.sdk.traced_span import SpanKindName
    from sitegen.sdk.tracing import TraceCall

Goal = Literal["minimize", "maximize"]
EndStatus = Literal["completed", "failed", "killed"]
Scalar = Any
"""A number of Python, NumPy, torch, JAX or pandas."""
Function = TypeVar("Function", bound=Callable[..., Any])
_INT64 = 2**63


class Run:
    """One execution; `start_run` makes it.

    `directory`, `id`, `name` and `experiment` are as in run.json; `outer` is the run that was
    current when this one was started.
    """

    directory: Path
    id: str
    name: str
    experiment: str
    faults: Faults

    def __init__(self) -> None:
        self.outer: Run | None = None
        self._closers: list[Callable[[], None]] = []
        self._is_ended = False

    def _set(self, parts: RunParts) -> None:
        """Take the parts that `opening` made."""
        self.directory, self.faults = parts.directory, parts.faults
        self.id, self.name, self.experiment = parts.id, parts.name, parts.experiment
        self._parts = parts
        self._journal, self._alerts = parts.journal, parts.alerts

    # Metrics

    def log_metric(
        self,
        name: str,
        value: Scalar,
        step: int | None = None,
        *,
        time: datetime | float | None = None,
    ) -> None:
        """Log one point. Without *step* the metric counts up from its last step.

        *time* (a datetime, or seconds since 1970) is now unless given.
        """
        if step is not None and not (type(step) is int and -_INT64 <= step < _INT64):
            step = checked.whole(f"step of {name}", step)
        moment = None if time is None else checked.time_us("time", time)
        self._journal.point(name, value, step, moment)
        if self._alerts:
            self._alerts.check({name: value}, step)

    def log_metrics(
        self,
        values: Mapping[str, Scalar],
        step: int | None = None,
        *,
        time: datetime | float | None = None,
    ) -> None:
        """Log one point of each of several metrics, as one record."""
        if step is not None and not (type(step) is int and -_INT64 <= step < _INT64):
            step = checked.whole("step", step)
        if not isinstance(values, Mapping):
            raise LogTypeError(f"log_metrics takes a mapping, got {checked.found(values)}")
        moment = None if time is None else checked.time_us("time", time)
        if values:
            self._journal.points(values, step, moment)
            if self._alerts:
                self._alerts.check(values, step)

    def define_metric(
        self,
        name: str,
        *,
        goal: Goal | None = None,
        unit: str | None = None,
        description: str | None = None,
    ) -> None:
        """Say which values of a metric are better, its unit, and what it measures."""
        if goal not in {"minimize", "maximize", None}:
            raise LogValueError(f"goal must be minimize or maximize, got {goal!r}")
        given = {"goal": goal, "unit": unit, "description": description}
        known = {key: checked.text(key, value) for key, value in given.items() if value is not None}
        self._merge("metrics", {checked.name_of("a metric", name): known})

    def log_summary(self, summary: Mapping[str, Scalar] | str, value: Scalar = None) -> None:
        """Log values that have no steps: `log_summary("test/accuracy", 0.91)`, or a mapping."""
        values = {summary: value} if isinstance(summary, str) else summary
        if not isinstance(values, Mapping):
            raise LogTypeError(f"log_summary takes a mapping, got {checked.found(values)}")
        numbers = {
            checked.name_of("a summary", name): checked.json_number(checked.number(name, one))
            for name, one in values.items()
        }
        self._merge("summary", numbers)
        if self._alerts:
            self._alerts.check(values, None)

    def create_alert(
        self,
        condition: str,
        message: str | None = None,
        *,
        notify: Notify | None = None,
        level: str | None = None,
    ) -> None:
        """Watch for *condition*: `val_loss > 2.0`, joined by and/or.

        It is checked as values arrive, when *notify* is called with an `AlertFired` each time that
        it becomes true; and again when the site is built.
        """
        self._alerts.add(condition, message=message, level=level, notify=notify)
        given = {"condition": condition, "message": message, "level": level}
        entry = {key: checked.text(key, one) for key, one in given.items() if one is not None}
        self._change(lambda document: logged.add_once(document, "alerts", entry))

    # Facts

    def log_param(self, name: str, value: Any) -> None:
        """Log one param; JSON, dataclasses, enums, paths and arrays are taken."""
        self.log_params({checked.name_of("a param", name): value})

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Log params, nested as they are; an `argparse.Namespace` or a dataclass will do."""
        self._merge("params", checked.json_object("params", params))

    def set_tags(self, tags: Iterable[str]) -> None:
        """The tags of the run are *tags*."""
        names = list(checked.tags(tags))
        self._change(lambda document: document.update(tags=names))

    def set_description(self, description: str) -> None:
        """The description of the run is *description*."""
        shown = checked.text("description", description)
        self._change(lambda document: document.update(description=shown))

    def add_link(self, url: str, title: str | None = None) -> None:
        """Add a link to the run's page."""
        entry = {"url": checked.text("url", url)}
        if not url.strip():
            raise LogValueError("the url of a link is empty")
        if title is not None:
            entry["title"] = checked.text("title", title)
        self._change(lambda document: logged.add_once(document, "links", entry))

    def log_note(self, text: str) -> None:
        """Add a paragraph of Markdown to the run's notes."""
        logged.add_note(self._parts, checked.text("note", text))

    def log_dataset(
        self,
        name: str,
        path: str | os.PathLike[str] | None = None,
        *,
        uri: str | None = None,
        description: str | None = None,
        context: str | None = None,
        version: str | float | None = None,
        rows: int | None = None,
        split: str | None = None,
    ) -> None:
        """Log a data set that was used; of a file or directory the digest is computed."""
        facts = logged.dataset(name, path, uri)
        facts |= logged.present(
            version=version, description=description, rows=rows, split=split, context=context
        )
        self._change(lambda document: logged.replace_named(document, "datasets", facts))

    # Files

    def log_artifact(
        self, artifact: Any, name: str | None = None, artifact_path: str | None = None
    ) -> str:
        """Copy a file into the run, or save an object; the path in the bundle.

        *artifact* is a path (of a directory: all its files), bytes, a mapping or list (JSON), a
        data frame (CSV), a picture or a figure; an object needs a *name*.
        """
        return logged.attachment(self._parts, artifact, name, artifact_path)

    def log_artifacts(
        self, directory: str | os.PathLike[str], artifact_path: str | None = None
    ) -> str:
        """Copy all files below *directory*, except those behind names that begin with a dot."""
        return logged.attachments(self._parts).copy_tree(Path(directory), artifact_path)

    def log_text(self, text: str, name: str) -> str:
        """Save *text* as the attachment *name*; the path in the bundle."""
        return logged.attachments(self._parts).write(name, checked.text(name, text).encode())

    def log_image(self, name: str, image: Any, step: int | None = None) -> str:
        """Save a picture: an array, a PIL picture, its bytes or a path; the path in the bundle.

        Pictures of one *name* are a series with a slider; without *step* they count up.
        """
        return logged.media(self._parts, name, picture_file(name, image), step)

    def log_figure(self, name: str, figure: Any, step: int | None = None) -> str:
        """Save a figure of matplotlib (PNG) or Plotly (JSON); with *step* as one of a series."""
        content, suffix = figure_file(name, figure)
        if step is not None:
            return logged.media(self._parts, name, (content, suffix), step)
        path = name if name.endswith(suffix) else f"{name}{suffix}"
        return logged.attachments(self._parts).write(path, content)

    def log_table(self, name: str, table: Any) -> str:
        """Save a table as CSV: a data frame, a list of mappings, or a mapping of columns."""
        return logged.table(self._parts, name, table)

    def log_model(
        self,
        path: str | os.PathLike[str],
        name: str,
        *,
        version: str | float | None = None,
        stage: str | None = None,
        tags: Iterable[str] = (),
        flavor: str | None = None,
        description: str | None = None,
        copy: bool = True,
    ) -> None:
        """Log a model: a file or directory, copied into the run unless *copy* is False."""
        facts = logged.model(self._parts, Path(path), name, copy=copy)
        facts |= logged.present(
            version=version, flavor=flavor, stage=stage, description=description
        )
        facts["tags"] = list(checked.tags(tags))
        self._change(lambda document: logged.replace_named(document, "models", facts))

    # Evals and annotations

    def log_sample(
        self,
        eval: str,
        id: str | int,
        *,
        input: Any = None,
        output: Any = None,
        target: Any = None,
        scores: Mapping[str, Any] | None = None,
        epoch: int = 1,
        error: str | BaseException | None = None,
        tags: Iterable[str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        trace_ids: Iterable[str] | None = None,
        duration_s: float | None = None,
        usage: Mapping[str, Any] | None = None,
        cluster: str | int | None = None,
    ) -> None:
        """Log one sample of *eval*; a score is a number, boolean, string, None or {value, …}."""
        sample = {
            "id": id, "epoch": epoch, "input": input, "output": output, "target": target,
            "scores": scores, "error": error, "tags": tags, "metadata": metadata,
            "trace_ids": trace_ids, "duration_s": duration_s, "usage": usage, "cluster": cluster,
        }  # fmt: skip
        path = self.directory / eval_path(eval)
        append_line(path, sample_line(sample), self.faults)
        self._parts.unsynced.add(path)

    def annotate(
        self,
        name: str,
        value: bool | str | int,
        *,
        eval: str | None = None,
        sample_id: str | int | None = None,
        epoch: int = 1,
        trace_id: str | None = None,
        span_id: str | None = None,
        metric: str | None = None,
        step: int | None = None,
        kind: Literal["feedback", "expectation"] | None = None,
        rationale: str | None = None,
        user: str | None = None,
    ) -> str:
        """Say something of the run, a sample, a span or a step of a metric; the annotation's id.

        A boolean is feedback, a string or integer an expectation, unless *kind* says so.
        """
        target = target_of(
            eval=eval, sample_id=sample_id, epoch=epoch, trace_id=trace_id, span_id=span_id,
            metric=metric, step=step,
        )  # fmt: skip
        document = sidecar(
            target=target, name=name, value=value, kind=kind, rationale=rationale, user=user
        )
        return logged.annotation(self._parts, document)

    # Traces

    @property
    def tracer_provider(self) -> TracerProvider:
        """OpenTelemetry's provider whose spans go into this run, to pass to instrumentations.

        Raises:
            TracingMissingError: without opentelemetry-sdk, the extra `tracing`.
        """
        return self._parts.tracing.provider

    def trace(
        self,
        name: str | None = None,
        *,
        kind: SpanKindName | None = None,
        capture: bool = True,
        **attributes: Any,
    ) -> TraceCall:
        """A span: `with run.trace("answer", kind="agent") as span`, or `@run.trace()`.

        A decorated function's arguments and result are recorded unless *capture* is False.
        """
        tracing = self._parts.tracing
        return tracing.trace(name, kind=kind, capture=capture, attributes=attributes)

    # How it ends

    def end(self, status: EndStatus = "completed", *, error: BaseException | None = None) -> None:
        """The run has ended; only the process that began it says how. A second call does nothing.

        *error* is recorded with its traceback.
        """
        if status not in {"completed", "failed", "killed"}:
            raise LogValueError(f"status must be completed, failed or killed, got {status!r}")
        self._end(status, error, compact=True)

    def end_by_signal(self) -> None:
        """The process is about to be killed: what was logged is on the disk, as it is."""
        self._end("killed", None, compact=False)

    def _end(self, status: EndStatus, error: BaseException | None, *, compact: bool) -> None:
        with ExitStack() as afterwards, lifecycle.undisturbed():
            if self._is_ended:
                return
            self._is_ended = True
            if self.is_owner:  # a signal may cut this short: the end has been told by then
                afterwards.callback(ending.settle, self._parts, compact=compact)
            try:
                ending.end_run(self._parts, self._closers, status, error)
            finally:
                lifecycle.deactivate(self)

    def at_end(self, close: Callable[[], None]) -> None:
        """Call *close* when the run ends in this process, before its files are put in order."""
        self._closers.append(close)

    @property
    def is_owner(self) -> bool:
        """Whether this process decides how the run ends; others only log into it."""
        return self._parts.ownership.is_held

    def after_fork(self) -> None:
        """In a child now: it logs into the run and does not end it."""
        self._parts.after_fork()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        status = lifecycle.status_of(error)
        self.end(status, error=error if status == "failed" else None)

    def __call__(self, function: Function) -> Function:
        """Refuse: what is decorated begins a run with each call."""
        del function
        raise LogTypeError("a run that has begun is no decorator", hint="Write @start_run(…).")

    def __reduce__(self) -> tuple[Any, ...]:
        """A run that is sent to another process logs into the same bundle from there."""
        from sitegen.sdk.session import attach

        return attach, (str(self.directory),)

    def __repr__(self) -> str:
        return f"<run {self.id}>"

    def _change(self, change: Callable[[Document], Any]) -> None:
        self._parts.document.change(change)

    def _merge(self, key: str, more: Document) -> None:
        self._change(lambda document: logged.merge(document.setdefault(key, {}), more))
