"""Judgement over time: what a session makes of the faces it is shown. Numbers only."""
