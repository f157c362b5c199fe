"""The solution that does nothing: every grader has to refuse it."""
