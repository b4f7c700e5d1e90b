"""Judgement over time: what a session concludes from the faces it is shown. Numbers only."""
