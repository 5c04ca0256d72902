"""`sitegen collect -o RUN`: receive OpenTelemetry traces from any process of this machine."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType

import click

from sitegen.units import plural


@click.command("collect")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="RUN",
    help="Bundle to collect into; made if there is none.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=4318,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
def command(output: Path, port: int) -> None:
    """Receive OTLP/HTTP on 127.0.0.1 and keep the traces in the bundle RUN, until Ctrl-C.

    \b
    sitegen collect -o runs/my-agent/today
    OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 node agent.js
    """
    from sitegen.sdk.collect import Collector
    from sitegen.sdk.collect_run import CollectedRun
    from sitegen.sdk.collect_server import ADDRESS, CollectServer

    run = CollectedRun(output)
    collector = Collector(output)
    server = CollectServer(collector, port)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        click.echo(f"Receiving OTLP on http://{ADDRESS}:{server.port} into {output}", err=True)
        click.echo("Ctrl-C ends it.", err=True)
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        pass  # the way it is meant to end
    finally:
        signal.signal(signal.SIGTERM, before)
        server.server_close()
        server.wait_idle(most_s=2.0)
        collector.close()
        is_ended = run.end()
    click.echo(f"Kept {plural(collector.spans, 'span')} in {output}", err=True)
    if collector.records:
        click.echo(f"and {plural(collector.records, 'log event')} about them", err=True)
    if collector.lost_requests or not is_ended:
        lost = plural(collector.lost_requests, "request")
        click.echo(f"warning: the disk was full; {lost} could not be kept", err=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt
