"""How tests start a Ray cluster on this machine: text of a program, since a cluster lives as long as its process."""

TWO_WORKERS = """
import ray
for left in (3, 2, 1, 0):  # Ray gives its workers 30 seconds to start, which a busy machine may need several times
    try:
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
        break
    except Exception:
        ray.shutdown()
        if not left:
            raise
"""
