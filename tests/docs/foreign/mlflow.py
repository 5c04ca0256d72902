"""One run, as `mlflow` hands it out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

_RUN = SimpleNamespace(
    info=SimpleNamespace(
        run_id="8ecb2d65", run_name="capable-cod-1", experiment_id="1", status="FINISHED",
        start_time=1795264996387, end_time=1795264999476,
    ),
    data=SimpleNamespace(
        params={"lr": "0.1"},
        metrics={"loss": float("nan")},
        tags={"team": "reviews", "mlflow.user": "maria"},
    ),
)  # fmt: skip


def search_runs(*, search_all_experiments: bool, output_format: str) -> list[SimpleNamespace]:
    assert (search_all_experiments, output_format) == (True, "list")
    return [_RUN]


class MlflowClient:
    def get_experiment(self, experiment_id: str) -> SimpleNamespace:
        assert experiment_id == "1"
        return SimpleNamespace(name="Default")

    def get_metric_history(self, run_id: str, key: str) -> list[SimpleNamespace]:
        assert (run_id, key) == ("8ecb2d65", "loss")
        values = [1.0, 0.5, float("nan")]
        return [
            SimpleNamespace(key=key, value=value, step=step, timestamp=1795264996400 + step)
            for step, value in enumerate(values)
        ]


def _download_artifacts(*, run_id: str, dst_path: str) -> str:
    assert run_id == "8ecb2d65"
    Path(dst_path, "notes").mkdir(parents=True)
    Path(dst_path, "notes", "out.txt").write_text("hello\n", encoding="utf-8")
    return dst_path


artifacts = SimpleNamespace(download_artifacts=_download_artifacts)
