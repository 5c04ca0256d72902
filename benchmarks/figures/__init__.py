"""One module a figure; each has `measure(job)`, which returns a `Result`."""
