"""Annotations written from Python or the command line: sidecars in, sidecars out. Floor 7."""

from sitegen.annotate.carry import Carried, carry_annotations
from sitegen.annotate.diff import AnnotationDiff, diff_annotations
from sitegen.annotate.formatting import Formatted, format_annotations
from sitegen.annotate.listing import ListedAnnotation, list_annotations
from sitegen.annotate.writing import (
    add_annotation,
    add_annotations,
    edit_annotation,
    remove_annotation,
)

__all__ = [
    "AnnotationDiff",
    "Carried",
    "Formatted",
    "ListedAnnotation",
    "add_annotation",
    "add_annotations",
    "carry_annotations",
    "diff_annotations",
    "edit_annotation",
    "format_annotations",
    "list_annotations",
    "remove_annotation",
]
