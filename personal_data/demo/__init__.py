"""Made people with plausible weeks, to look at the page and at the operator's views with."""
