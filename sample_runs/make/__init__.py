"""What `make_sample_runs.py` is made of: training, the support agent, and the files they leave."""
