"""The engine of scans. Start with `pipeline.py`. It knows shapes; facts live in the features."""
