"""What spans days: month pages, profile index, feed, chart, and the list of papers seen."""
