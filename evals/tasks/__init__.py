"""One folder a task: prompt.md, check.py, a reference solution and a plausible wrong one."""
