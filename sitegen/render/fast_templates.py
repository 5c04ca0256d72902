"""What Jinja does for every expression of every page, done with less work and the same result.

Floor 5. Of a page with 300 escaped values, 50 calls of macros and 25 imports a third was spent on
objects that nobody asks for: a `Markup` around each escaped text, though a template only joins them
(its result is `Markup` again); the search for functions that want a context among macros, which
never do; the search for globals of one template alone, of which there are none here; and for each
import and include the search for a template that was loaded long ago.
"""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, Template
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Expr
from jinja2.nodes import Template as TemplateNode
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

try:
    from markupsafe import _escape_inner as _escaped_text  # type: ignore[attr-defined]  # private
except ImportError:  # before 3.0, where `escape` itself is compiled
    _escaped_text = escape


class FastEnvironment(Environment):
    """An environment whose templates stay as they are and have no globals of their own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(auto_reload=False, **options)
        self._loaded: dict[str, Template] = {}
        self.code_generator_class = FastCodeGenerator
        self.context_class = FastContext

    def get_template(
        self, name: str | Template, parent: str | None = None, globals: Any = None
    ) -> Template:
        """See `Environment`."""
        found = self._loaded.get(name) if type(name) is str and not globals else None
        if found is None:
            found = super().get_template(name, parent, globals)
            if type(name) is str and not globals:
                self._loaded[name] = found
        return found


class FastContext(Context):
    """The names that a template sees; all templates have the globals of their environment."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.globals_keys = set()

    def call(self, callee: Any, /, *arguments: Any, **named: Any) -> Any:
        """What *callee* returns."""
        if type(callee) is not Macro:
            return super().call(callee, *arguments, **named)
        named.pop("_block_vars", None)
        named.pop("_loop_vars", None)
        return callee(*arguments, **named)


class FastCodeGenerator(CodeGenerator):
    """Templates become code that escapes by `escaped`."""

    def visit_Template(self, node: TemplateNode, frame: Frame | None = None) -> None:  # noqa: N802
        """See `CodeGenerator`."""
        self.writeline(f"from {__name__} import escaped")
        super().visit_Template(node, frame)

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("escaped(")


def escaped(value: Any) -> str:
    """*value* as HTML, safe wherever `markupsafe.escape` of it is."""
    if type(value) is str:
        return _escaped_text(value)
    return value if type(value) is Markup else escape(value)
