"""Tasks for an agent that has the skill, graded by what happened at the mocked venue."""
