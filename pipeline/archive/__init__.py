"""Build the files of a profile that span days: month pages, front page, index, feed, chart, list of judged papers."""
